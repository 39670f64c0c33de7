"""Writes what real classes of transformers weigh and what their caches keep, without weights: python3 sizes.py FOLDER [PUBLISHED-FOLDER] [TYPE...]

One file for each model_type of two auto mappings, FOLDER/causal/TYPE.json and FOLDER/image-text/TYPE.json, and, where a folder of published
config.json files, or of what this wrote of them, is given, one for each of those in FOLDER/published. A file says:

"given", what the class's defaults lack to be built; "config", all fields, as a published config.json states them; "parameters", each once
however often it is tied, and "groups" of them; "active", those that work on one token where there are experts; "cache", what one sequence
keeps in 16 bits: "layers", rows of how many, the class, bytes per token, bytes that do not grow, and the tokens after which it stops growing
(a layer of which one part goes on has two rows), "types", the types of what is kept, "bytesPerToken", of all together before any stops,
"bytesPerEncodedToken", for each token that an encoder read; "error" and "cacheError", why there is no answer.
"""
import json
import os
import re
import sys
import warnings

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", OMP_NUM_THREADS="1")
warnings.filterwarnings("ignore")
import torch  # noqa: E402

torch.set_num_threads(1)
import transformers  # noqa: E402
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoModelForImageTextToText  # noqa: E402
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES  # noqa: E402

import buildable  # noqa: E402
import caches  # noqa: E402
import forks  # noqa: E402
import parts  # noqa: E402
import stated  # noqa: E402

KINDS = {"causal": (MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, AutoModelForCausalLM), "image-text": (MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES, AutoModelForImageTextToText)}
VERSIONS = {"transformers": transformers.__version__, "torch": torch.__version__}
CACHE_SECONDS, SECONDS = 100, 400


def _write(path, answer):
    lines = [f" {json.dumps(key)}: " + (_indented(value) if key in ("config", "cache") else json.dumps(value)) for key, value in answer.items()]
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def _indented(value):
    """One line for each of its fields."""
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(inner)}" for key, inner in value.items()) + "\n }"


def _why(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _chosen(config):
    """Experts chosen for one token; where the number differs by layer, all layers have the most."""
    for part in (config.get_text_config(), getattr(config.get_text_config(), "ffn_config", None)):
        for name in ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts", "moe_top_k", "top_k", "topk"):
            value = getattr(part, name, None)
            value = max(value) if isinstance(value, list) and value else value
            if isinstance(value, int) and not isinstance(value, bool) and value > 0 and not (name == "top_k" and value == 50):
                return value
    return None


def _measure(path, answer, configure, auto):
    """The file is there before the cache is asked for: what ends the process then takes only the cache."""
    def build(config, kind):
        return auto.from_config(config, dtype=kind, attn_implementation="eager")
    try:
        config = configure()
        if "config" not in answer:
            answer["config"] = stated.of(config)
        with torch.device("meta"):
            model = auto.from_config(config, dtype=torch.bfloat16)
    except Exception as error:
        _write(path, answer | {"error": _why(error)})
        raise
    if answer["config"].get("architectures", "") is None:
        answer["config"]["architectures"] = [type(model).__name__]
    chosen = _chosen(model.config)
    groups, resting = parts.sort(model, chosen)
    answer |= {"class": type(model).__name__, "parameters": sum(groups.values()), "groups": groups, "active": None, "cache": None}
    if resting:
        answer["active"] = answer["parameters"] - resting
    _write(path, answer | {"cacheError": "not done in time"})
    del model
    try:
        answer["cache"] = caches.measure(build, configure, CACHE_SECONDS)
    except Exception as error:
        answer["cacheError"] = _why(error)
    _write(path, answer)


def _of_class(folder, kind, name):
    auto, lacks = KINDS[kind][1], buildable.LACKS.get(f"{kind}/{name}", buildable.LACKS.get(name) if kind == "causal" else None)

    def configure():
        config = CONFIG_MAPPING[name].from_dict(json.loads(json.dumps(lacks)) if lacks else {})
        stated.one_as_cached(config)
        return config
    answer = {"versions": VERSIONS, "model_type": name} | ({"given": lacks} if lacks else {})
    _measure(os.path.join(folder, kind, name + ".json"), answer, configure, auto)


def _of_published(folder, source):
    with open(source) as file:
        published = json.load(file)
    published = published["config"] if "versions" in published else published
    name, classes = published.get("model_type"), published.get("architectures") or [""]

    def configure():
        if name not in CONFIG_MAPPING:
            raise KeyError(f"transformers {transformers.__version__} has no model_type {name}")
        given = json.loads(json.dumps(published))
        for part in (given, *(value for value in given.values() if isinstance(value, dict))):
            part.pop("quantization_config", None)
        config = CONFIG_MAPPING[name].from_dict(given)
        stated.one_as_cached(config)
        return config
    image_text = name in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES and not (classes[0].endswith("ForCausalLM") and name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    answer = {"versions": VERSIONS, "model_type": name, "config": published}
    _measure(os.path.join(folder, "published", os.path.basename(source)), answer, configure, KINDS["image-text" if image_text else "causal"][1])


def _published(folder):
    """Files that are not another's copy, by the name that says whose the model is where there are two."""
    known, files = set(), [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]
    for path in sorted(files, key=lambda path: ("--" not in path, path)):
        with open(path, "rb") as file:
            content = file.read()
        if content not in known or content.startswith(b'{\n "versions"'):  # what this wrote before is no copy
            known.add(content)
            yield path


def _ended(name, why):
    folder, path = name
    print(f"{os.path.basename(os.path.dirname(path))}/{os.path.basename(path)}: {why}", file=sys.stderr, flush=True)
    if not os.path.exists(path):
        _write(path, {"versions": VERSIONS, "model_type": os.path.basename(path)[:-5], "error": why})


def main(folder, published, names):
    jobs = []
    for kind, (mapping, _) in KINDS.items():
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        jobs += [((folder, os.path.join(folder, kind, name + ".json")), lambda kind=kind, name=name: _of_class(folder, kind, name))
                 for name in mapping if not names or name in names]
    if published:
        os.makedirs(os.path.join(folder, "published"), exist_ok=True)
        jobs += [((folder, os.path.join(folder, "published", os.path.basename(path))), lambda path=path: _of_published(folder, path))
                 for path in _published(published) if not names or re.sub(r"\.json$", "", os.path.basename(path)) in names]
    forks.run(jobs, SECONDS, os.cpu_count() or 1, _ended)


if __name__ == "__main__":
    given = sys.argv[2:]
    main(sys.argv[1], given.pop(0) if given and os.path.isdir(given[0]) else None, given)
