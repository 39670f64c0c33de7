"""A configuration as a published config.json states it: all fields, without those that no size follows from."""
import json
import re

from transformers import GenerationConfig

_GENERATION = set(GenerationConfig._get_default_generation_params())
_PUBLIC = {"num_beam_groups", "top_k"}  # the latter is a router's in some classes
_LEFT_OUT = {"_name_or_path", "id2label", "label2id", "problem_type", "return_dict", "output_hidden_states", "output_attentions", "chunk_size_feed_forward",
             "transformers_version", "dtype", "torch_dtype", "use_cache", "pruned_heads", "task_specific_params", "tokenizer_class", "prefix", "vocabulary_map",
             "suppress_tokens", "begin_suppress_tokens", "finetuning_task", "languages", "lang2id", "id2lang", "name", "attn_implementation"}
_PATTERN = re.compile(r"token_id$|token_index$|token_ids$|dropout|drop_rate|pdrop|drop_path|initializer|init_std|init_method|_std$|^eps$|_eps$|epsilon|jitter|"
                      r"loss|_lambda$|layerdrop|^summary_|mask_time|mask_feature|softcap|temperature|theta")


def carries_size(name, value):
    return not (name in _LEFT_OUT or name in _GENERATION - _PUBLIC or _PATTERN.search(name)) or (name == "top_k" and value != 50)


def _pruned(fields):
    return {name: _pruned(value) if isinstance(value, dict) else value for name, value in fields.items() if carries_size(name, value)}


def of(config):
    return _pruned(json.loads(config.to_json_string(use_diff=False)))


def one_as_cached(config):
    """Caching is on wherever the configuration can turn it off."""
    for part in (config, config.get_text_config(decoder=True)):
        if getattr(part, "use_cache", True) is False:
            part.use_cache = True
