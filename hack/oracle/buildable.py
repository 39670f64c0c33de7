"""What a class's default configuration lacks to be built; all else is the class's own."""

_DECODER = {"is_decoder": True}

_SECTIONS = {"rope_type": "default", "rope_theta": 1000000.0, "mrope_section": [16, 24, 24]}
_HALF = {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5, "mrope_section": [8, 12, 12]}

LACKS = {
    # Encoders, that keep a cache only as decoders.
    **{name: _DECODER for name in ("bert", "bert-generation", "big_bird", "camembert", "data2vec-text", "electra", "ernie", "megatron-bert", "reformer",
                                   "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer", "xlm-roberta", "xlm-roberta-xl")},
    "xmod": {**_DECODER, "default_language": "en_XX"},
    "zamba": {"use_mamba_kernels": False},
    "bamba": {"attn_layer_indices": [9, 18, 27]},
    # As published: the defaults of its parts do not fit each other.
    "dbrx": {"d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352, "max_seq_len": 32768,
             "attn_config": {"kv_n_heads": 8, "clip_qkv": 8.0, "rope_theta": 500000.0},
             "ffn_config": {"ffn_hidden_size": 10752, "hidden_size": 6144, "moe_num_experts": 16, "moe_top_k": 4}},
    "blenderbot": {"encoder_layers": 24},  # its cache has as many layers as the encoder that it does not have
    "deepseek_v2": {"num_experts_per_tok": 6},
    "dots1": {"n_routed_experts": 128, "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1},
    "granitemoehybrid": {"layer_types": (["mamba"] * 5 + ["attention"] + ["mamba"] * 2) * 4},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128, "num_experts": 64, "moe_topk": 8},
    "lfm2_moe": {"layer_types": (["conv", "conv", "full_attention", "conv"] * 8)},
    "ministral": {"head_dim": 128},
    **{name: {"text_encoder": {"model_type": "t5"}, "audio_encoder": {"model_type": "encodec"}, "decoder": {"model_type": name + "_decoder"}}
       for name in ("musicgen", "musicgen_melody")},
    "nemotron": {"num_key_value_heads": 48},
    "gemma4_assistant": {"text_config": {"hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 0}},
    "gemma4_unified_assistant": {"text_config": {"hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 0}},
    # What their rotary embeddings read, as published; it changes no size.
    **{"image-text/" + name: {"text_config": {"rope_parameters": _SECTIONS}} for name in ("paddleocr_vl", "qwen2_vl", "qwen2_5_vl", "qwen2_5_omni_thinker")},
    **{"image-text/" + name: {"text_config": {"rope_parameters": _HALF}} for name in ("glm4v", "glm46v", "glmga")},
    "image-text/glm4v_moe": {"text_config": {"head_dim": 128, "rope_parameters": _HALF}},
    "image-text/qwen3_omni_moe_thinker": {"text_config": {"num_attention_heads": 32}},
    "image-text/aya_vision": {"vision_config": {"num_attention_heads": 16}},
    "image-text/chameleon": {"vocabulary_map": {"<image>": 8711}},
    "image-text/deepseek_ocr2": {"text_config": {"num_experts_per_tok": 6, "n_group": 1, "topk_group": 1, "mlp_layer_types": ["dense"] + ["sparse"] * 31}},
    "image-text/vision-encoder-decoder": {"encoder": {"model_type": "vit"}, "decoder": {"model_type": "gpt2", "is_decoder": True, "add_cross_attention": True}},
    "image-text/diffusion_gemma": {"vision_config": {"model_type": "gemma4_vision"}, "text_config": {"num_global_key_value_heads": 4, "num_experts": 128, "top_k_experts": 8, "moe_intermediate_size": 704}},
    "image-text/emu3": {"vocabulary_map": {"<image>": 151646}},
    "image-text/granite4_vision": {"downsample_rate": "4/8", "deepstack_layer_map": [[-19, 9], [-13, 6], [-7, 3], [-1, 0]], "text_config": {"model_type": "granite4_vision_text"}},
    "image-text/idefics3": {"text_config": {"model_type": "llama", "vocab_size": 128259}},
    "image-text/smolvlm": {"text_config": {"model_type": "llama", "vocab_size": 128259}},
}
