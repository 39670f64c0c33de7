"""Writes what transformers assumes of a field that a config.json leaves out: python3 class_defaults.py FILE

For each configuration class of the types that sizes.py weighs, and of the classes nested in them: "map", other names of its fields;
"fields", the declared defaults; "derived", what a field that is not stated follows from, found by changing one field at a time ("a",
"a/b", "a*b" and "a+b" say how, else the fields and the value that the defaults lead to); "ignored", fields whose stated value the class replaces;
"parts", the nested configurations, each with its type and what the class states of it that differs from that type's own defaults.
"""
import dataclasses
import json
import os
import re
import sys
import warnings

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", OMP_NUM_THREADS="1")
warnings.filterwarnings("ignore")
import transformers  # noqa: E402
from transformers import CONFIG_MAPPING, PreTrainedConfig  # noqa: E402
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES  # noqa: E402

import stated  # noqa: E402

_FRACTION = re.compile(r"ratio|expand|proj_factor|dim_factor|multiple_of|ffn_mult|ffn_dim_multiplier|partial_rotary_factor")
_NO_SIZE = re.compile(r"^rope_|_rope_parameters$|norm_topk_prob|routed_scaling|scoring_func|topk_method|router_(?:aux|z)|output_router|^scale_|"
                      r"_scale$|scaling|image_mean|image_std|^is_training$|^model_type$|^bos|^eos|pad_token|^torch|use_mambapy|mamba_ssm_dtype$|"
                      r"^mamba_dt_|time_step_|^ssm_multipliers$|^task|logit|^seed$|^alibi_bias_max$|^early_stopping$")


def _worth(name, value):
    if not stated.carries_size(name, value) or _NO_SIZE.search(name) or name.startswith("_") or (name, value) == ("is_encoder_decoder", False):
        return False
    if isinstance(value, float):
        return bool(_FRACTION.search(name))
    if isinstance(value, str):
        return len(value) <= 40
    if isinstance(value, (list, tuple)):
        return len(value) <= 200 and all(isinstance(item, (int, str, list, tuple)) for item in value)
    return isinstance(value, (bool, int, dict))


def _plain(value):
    if isinstance(value, PreTrainedConfig):
        return None
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items() if _worth(str(name), inner)}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _declared(kind):
    found = {}
    for field in dataclasses.fields(kind):
        if field.default is not dataclasses.MISSING:
            found[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = field.default_factory()
    return found


def _made(kind, **given):
    """All fields of an instance, or None when the class refuses them."""
    try:
        made = kind(**given)
        return {name: value for name, value in vars(made).items() if not name.startswith("_")}
    except Exception:
        return None


def _rule(name, sources, given, made):
    """How the field follows from the others: over the defaults and over every change that the class accepted."""
    samples = [fields for fields in [given, *(made[source] for source in sources)]]
    candidates = [(source, lambda fields, source=source: fields.get(source)) for source in sources]
    for left in sources:
        for right in sources:
            if left != right:
                candidates.append((f"{left}/{right}", lambda fields, left=left, right=right: fields[left] // fields[right]))
                candidates.append((f"{left}*{right}", lambda fields, left=left, right=right: fields[left] * fields[right]))
                candidates.append((f"{left}+{right}", lambda fields, left=left, right=right: fields[left] + fields[right]))
    for text, value in candidates:
        try:
            if all(fields.get(name) == value(fields) for fields in samples):
                return text
        except (TypeError, ZeroDivisionError, KeyError):
            continue
    return None


def _derived(kind, declared, given):
    numbers = [name for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool) and value > 0 and _worth(name, value)]
    made = {name: fields for name in numbers for fields in [_made(kind, **{name: given[name] * 2})] if fields and fields.get(name) == given[name] * 2}
    derived, ignored = {}, []
    for name, value in given.items():
        if not _worth(name, value) or isinstance(value, PreTrainedConfig) or _plain(value) is None:
            continue
        sources = [source for source, fields in made.items() if source != name and fields.get(name) != value]
        if not sources and name in declared and _plain(declared[name]) == _plain(value):
            continue
        rule = _rule(name, sources, given, made)
        derived[name] = rule or ({"from": sources} if sources else {}) | {"value": _plain(value)}
        if isinstance(value, int) and not isinstance(value, bool):
            again = _made(kind, **{name: value * 2})
            if again is not None and again.get(name) == value:
                ignored.append(name)
    return derived, ignored


def main(path):
    waiting = [(name, CONFIG_MAPPING[name]) for name in sorted({*MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, *MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES})]
    types, instances = {}, {}
    while waiting:
        name, kind = waiting.pop(0)
        if name in types:
            continue
        declared, given = _declared(kind), _made(kind)
        answer = types[name] = {}
        names = {other: own for other, own in kind.attribute_map.items() if not other.endswith(("token_id", "token_index"))}
        if names:
            answer["map"] = names
        answer["fields"] = {field: _plain(value) for field, value in sorted(declared.items())
                            if value is not None and not isinstance(value, PreTrainedConfig) and _worth(field, value)}
        if given is None:
            continue
        instances[name] = given
        derived, ignored = _derived(kind, declared, given)
        answer |= {key: value for key, value in (("derived", derived), ("ignored", ignored)) if value}
        parts = {field: value for field, value in given.items() if isinstance(value, PreTrainedConfig)}
        answer |= {"parts": parts} if parts else {}
        for field, part in parts.items():
            waiting.append((part.model_type or f"{name}.{field}", type(part)))
        for field, part in kind.sub_configs.items():
            if getattr(part, "model_type", ""):
                waiting.append((part.model_type, part))
    for name, answer in types.items():
        for field, part in answer.get("parts", {}).items():
            kind = part.model_type or f"{name}.{field}"
            own = {key: value for key, value in vars(part).items() if not key.startswith("_") and _worth(key, value)
                   and not isinstance(value, PreTrainedConfig) and instances.get(kind, {}).get(key) != value}
            answer["parts"][field] = {"type": kind} | ({"fields": {key: _plain(value) for key, value in sorted(own.items())}} if own else {})
    with open(path, "w") as file:
        lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(answer, separators=(',', ':'))}" for name, answer in sorted(types.items()))
        file.write('{"transformers":' + json.dumps(transformers.__version__) + ',"types":{\n' + lines + "\n}}\n")


if __name__ == "__main__":
    main(sys.argv[1])
