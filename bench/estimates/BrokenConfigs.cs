using System.Text;

namespace GpuMem.Bench.Estimates;

/// <summary>Files like a model's config.json: fields of all families with values that do not belong there, then a few bytes changed, cut or repeated.</summary>
internal sealed class BrokenConfigs(Random random)
{
    private static readonly string[] Families =
    [
        "llama", "gpt2", "gpt_neox", "falcon", "opt", "bloom", "phi", "phi3", "qwen", "qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "mistral", "mixtral", "gemma", "gemma2", "gemma3",
        "gemma3_text", "gpt_oss", "deepseek_v2", "deepseek_v3", "llama4", "bert", "distilbert", "t5", "mamba", "mamba2", "bamba", "chatglm", "stablelm", "unheard_of",
    ];

    private static readonly string[] Names =
    [
        "model_type", "architectures", "hidden_size", "n_embd", "d_model", "dim", "num_hidden_layers", "n_layer", "num_layers", "num_decoder_layers", "num_attention_heads", "n_head", "num_heads",
        "num_key_value_heads", "multi_query", "num_kv_heads", "multi_query_group_num", "head_dim", "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff", "d_kv", "vocab_size",
        "tie_word_embeddings", "attention_bias", "mlp_bias", "use_bias", "text_config", "vision_config", "quantization_config", "n_positions", "max_position_embeddings", "type_vocab_size",
        "num_local_experts", "num_experts", "n_routed_experts", "num_experts_per_tok", "moe_intermediate_size", "n_shared_experts", "shared_expert_intermediate_size", "first_k_dense_replace",
        "mlp_only_layers", "decoder_sparse_step", "moe_layer_freq", "q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "num_nextn_predict_layers",
        "sliding_window", "sliding_window_pattern", "layer_types", "use_sliding_window", "max_window_layers", "relative_attention_num_buckets", "feed_forward_proj", "word_embed_proj_dim",
        "n_groups", "conv_kernel", "state_size", "expand", "attn_layer_indices", "mamba_d_state", "pad_vocab_size_multiple", "quant_method", "bits", "group_size", "resid_pdrop", "",
    ];

    private static readonly string[] Values =
    [
        "0", "-1", "1", "2", "7", "32", "128", "4096", "14336", "128256", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e308", "1e999999", "-0", "1.5", "0.1e2",
        "null", "true", "false", "\"x\"", "\"4096\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[0,1]", "[0,1,1,1]", "[-5,99999999999]", "[null]", "[[[[]]]]", "[\"sliding_attention\",\"full_attention\"]",
        "{\"hidden_size\":4096,\"num_hidden_layers\":27,\"patch_size\":14}", "{\"quant_method\":\"gptq\",\"bits\":4}", "{\"load_in_4bit\":true}", "NaN", "Infinity",
    ];

    private readonly StringBuilder _text = new();
    private byte[] _bytes = new byte[4096];

    /// <summary>Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        if (random.Next(500) == 0)
            return Unusual();
        Write();
        var length = Encoding.UTF8.GetByteCount(_text.ToString());
        if (length > _bytes.Length)
            _bytes = new byte[2 * length];
        Encoding.UTF8.GetBytes(_text.ToString(), _bytes);
        return random.Next(2) == 0 ? _bytes.AsMemory(0, length) : Damaged(length);
    }

    private void Write()
    {
        _text.Clear().Append("{\"model_type\":\"").Append(Pick(Families)).Append('"');
        if (random.Next(8) != 0)
            _text.Append(",\"hidden_size\":4096,\"num_hidden_layers\":2,\"num_attention_heads\":32,\"intermediate_size\":64,\"vocab_size\":99");
        // Mostly few, so that many files are sound enough to be read to the end.
        for (var fields = random.Next(random.Next(1, 13)); fields > 0; fields--)
            _text.Append(",\"").Append(Pick(Names)).Append("\":").Append(random.Next(3) == 0 ? Number() : Pick(Values));
        _text.Append('}');
    }

    private string Number() => (random.NextInt64() >> random.Next(64)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private ReadOnlyMemory<byte> Damaged(int length)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
            _bytes[random.Next(length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? _bytes.AsMemory(0, random.Next(length)) : _bytes.AsMemory(0, length);
    }

    /// <summary>Rare because large: depth, length, repetition and bytes without any form.</summary>
    private ReadOnlyMemory<byte> Unusual()
    {
        var size = random.Next(1, 50_000);
        switch (random.Next(5))
        {
            case 0:
                return Encoding.UTF8.GetBytes(new string(random.Next(2) == 0 ? '[' : '{', size));
            case 1:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", Math.Min(size, 2000))));
            case 2:
                return Encoding.UTF8.GetBytes($"{{\"model_type\":\"llama\",\"hidden_size\":{new string('9', size)}}}");
            case 3:
                return Encoding.UTF8.GetBytes($"{{{string.Join(',', Enumerable.Range(0, size / 10).Select(i => $"\"f{i}\":{i}"))},\"f0\":1}}");
            default:
                var bytes = new byte[size];
                random.NextBytes(bytes);
                return bytes;
        }
    }

    private string Pick(string[] among) => among[random.Next(among.Length)];
}
