"""Sorts a model's parameters into the parts that an estimate tells apart, by the modules they lie in."""
import re

import torch

# The first that a parameter's path contains, from the outermost module inwards, decides whose it is.
_SENSES = [
    ("projector", r"multi_?modal_?proj\w*|mm_\w*proj\w*|modality_projection|\w*projector\w*|connector|aligner|merger\w*|perceiver\w*|resampler|qformer|query_tokens|"
                  r"language_projection|visual_projection|image_text_projection|image_projection|img_projection\w*|text_projection|"
                  r"embed_vision|embed_audio|vision_language_adapter|vision_embed_tokens|linear_1|linear_2|align_\w+|deepstack_merger_list|"
                  r"\w*_proj_norm|up_proj_for_\w*|down_proj_for_\w*|image_newline|view_sep\w*|sub_img_feature_extensor|global_img_feature_extensor|enc_to_dec_proj"),
    ("audio", r"audio\w*|speech\w*"),
    ("vision", r"vision\w*|visual\w*|image_encoder|img_\w+|image_\w*|sam_\w*|high_res_\w*|low_res_\w*|vqmodel|vision_tower|vqvae|generation_\w+|pixel\w*|"
               r"protein_encoder|encoder_high|video_\w+"),
]
_SEES = ("pix2struct", "vision-encoder-decoder")  # classes whose encoder is named no more than that
_EXPERTS = re.compile(r"(?:^|\.)(?:experts|vision_experts|text_experts|block_sparse_moe\.(?:input_linear|output_linear)|moe\.(?:input_linear|output_linear)|"
                      r"mlp\.(?:input_linear|output_linear)|local_experts)(?:\.|$)")
_SHARED = re.compile(r"shared_expert|shared_mlp|residual_mlp")
_MIXING = re.compile(r"(?:^|\.)(?:\w*_hc|hc_\w+|altup\w*|laurel)(?:\.|$)")  # of residual streams
_ROUTER = re.compile(r"(?:^|\.)(?:router|gate|wg|moe_statics|expert_bias|e_score_correction_bias|\w*router\w*)(?:\.|$)")
_RECURRENT = re.compile(r"(?:^|\.)(?:mamba\w*|linear_attn|linear_attention|ssm\w*|rg_lru|recurrent\w*|mixer|temporal_block|short_conv|conv|mlstm\w*|xlstm\w*|"
                        r"A_log|dt_bias|time_\w+|attention\.time_\w+)(?:\.|$)")
_ATTENTION = re.compile(r"attn|[aA]ttention|self_att\b|(?:^|\.)(?:self|q_proj|k_proj|v_proj|o_proj|query_key_value|qkv|c_attn)(?:\.|$)")
_MLP = re.compile(r"mlp|DenseReluDense|adapter_modules|feed_forward|feedforward|ffn|moe|(?:^|\.)(?:fc1|fc2|fc_in|fc_out|gate_proj|up_proj|down_proj|gate_up_proj|intermediate|output\.dense|"
                  r"dense_h_to_4h|dense_4h_to_h|lin1|lin2|ff|w1|w2|w3|glu|Wi|Wo)(?:\.|$)")
_NORM = re.compile(r"norm|(?:^|\.)(?:ln|ln_\w+|ln\d)(?:\.|$)", re.IGNORECASE)
_EMBEDDING = re.compile(r"embed|(?:^|\.)(?:wte|wpe|position\w*|token_type\w*)(?:\.|$)")
_HEAD = re.compile(r"lm_head|(?:^|\.)(?:cls|predictions|head|output_projection|proj_out|embed_out|generator_\w+)(?:\.|$)")


def _ids(module):
    return {id(parameter) for parameter in module.parameters()} if module is not None else set()


def _call(function):
    try:
        return function()
    except Exception:  # some classes have no such module and say so by failing
        return None


def _sense(name, kind):
    if kind in _SEES and name.startswith("encoder."):
        return "vision"
    for segment in name.split("."):
        for part, pattern in _SENSES:
            if re.fullmatch(pattern, segment):
                return part
    return None


def _part(name, parameter, owner, kind, within_experts, embeddings, heads):
    sense = _sense(name, kind)
    if sense:
        return sense
    if id(parameter) in embeddings:
        return "embedding"
    if id(parameter) in heads:
        return "head"
    if re.search(r"indexer|compressor", name):
        return "indexer"
    if _NORM.search(type(owner).__name__) or _NORM.search(name.rsplit(".", 2)[-2] if "." in name else name):
        return "norms"
    if _MIXING.search(name):
        return "other"
    if _SHARED.search(name):
        return "shared_experts"
    if re.search(r"\brouter\b", name):
        return "router"
    if _EXPERTS.search(name):
        return "experts"
    if within_experts and _ROUTER.search(name):
        return "router"
    if isinstance(owner, torch.nn.Embedding) or re.search(r"(?:^|\.)(?:wte|wpe)\.", name):
        return "embedding"
    within = re.search(r"(?:mixer|temporal_block)\.(?:(?P<attention>[qkvo]_proj)|(?P<mlp>(?:up|down|gate)_proj|fc[12]_latent_proj))\.", name)
    if within:  # one name for layers of all kinds
        return within.lastgroup
    for part, pattern in (("recurrent", _RECURRENT), ("attention", _ATTENTION), ("mlp", _MLP), ("head", _HEAD), ("embedding", _EMBEDDING), ("norms", _NORM)):
        if pattern.search(name):
            return part
    return "other"


def _of_one_expert(name, parameter, modules):
    """How many experts share what the parameter holds: the length of the list it lies in, else its first dimension."""
    listed = re.match(r"(.*experts)\.\d+\.", name)
    if listed:
        return len(modules[listed.group(1)])
    owner = modules[name.rpartition(".")[0]]
    for attribute in ("num_experts", "moe_num_experts", "n_routed_experts", "num_local_experts", "experts"):
        number = getattr(owner, attribute, None)
        if isinstance(number, int) and number > 0 and parameter.shape[0] % number == 0:
            return number
    return parameter.shape[0]


def sort(model, chosen):
    """Parameters by part, each once however often it is tied, and those that work on one token when that many experts are chosen for it."""
    modules = dict(model.named_modules())
    embeddings, heads = _ids(_call(model.get_input_embeddings)), _ids(_call(model.get_output_embeddings))
    groups, seen, resting = {}, set(), 0.0
    sparse = {name for name, module in modules.items() if any("experts" in child or child == "input_linear" for child, _ in module.named_children())}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if id(parameter) in seen:
            continue
        seen.add(id(parameter))
        path = name.split(".")
        within = any(".".join(path[:length]) in sparse for length in range(len(path) - 2, len(path)))
        part = _part(name, parameter, modules[name.rpartition(".")[0]], model.config.model_type, within, embeddings, heads)
        groups[part] = groups.get(part, 0) + parameter.numel()
        if part == "experts" and chosen:
            experts = _of_one_expert(name, parameter, modules)
            if parameter.dim() > 1 or experts == parameter.shape[0]:
                resting += parameter.numel() * (1 - min(1, chosen / experts))
    return dict(sorted(groups.items())), round(resting)
