"""Makes a configuration small in what a cache does not keep, so that its model fits a CPU: widths of heads and states, and layers, stay."""

_LESS = {"vocab_size": 512, "vocab_size_per_layer_input": 512, "intermediate_size": 64, "moe_intermediate_size": 64, "shared_expert_intermediate_size": 64,
         "ffn_dim": 64, "n_inner": 64, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "ffn_hidden_size": 64, "expert_ffn_hidden_size": 64, "d_ff": 64,
         "mlp_hidden_size": 64, "shared_intermediate_size": 64, "n_routed_experts": 16, "num_experts": 16, "num_local_experts": 16, "moe_num_experts": 16,
         "zero_expert_num": 0}
_TOKENS = ("pad_token_id", "bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "decoder_start_token_id", "image_token_id",
           "image_token_index", "audio_token_id", "video_token_id")


def shrink(config):
    """Changes it, and returns the names of what it changed."""
    changed = set()
    for part in {id(part): part for part in (config, config.get_text_config(), config.get_text_config(decoder=True))}.values():
        for name, value in _LESS.items():
            if isinstance(getattr(part, name, None), int) and getattr(part, name) > value:
                setattr(part, name, value)
                changed.add(name)
        for name in _TOKENS:
            if isinstance(getattr(part, name, None), int) and getattr(part, name) >= _LESS["vocab_size"]:
                setattr(part, name, 3)
    return sorted(changed)
