using System.Text;
using FsCheck.Fluent;
using FsCheck.Xunit;
using FsCheck;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

public sealed class HuggingFaceConfigProperties
{
    private static readonly string[] Values =
    [
        "0", "-1", "1", "32", "4096", "2147483648", "9223372036854775807", "1e999999", "1.5", "null", "true", "\"x\"", "[]", "{}",
        "[0,1]", "[\"sliding_attention\"]", "{\"hidden_size\":4096,\"depth\":3}", "{\"quant_method\":\"gptq\",\"bits\":4}",
    ];

    private static readonly string[] Names =
    [
        "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size", "vocab_size",
        "tie_word_embeddings", "attention_bias", "text_config", "n_positions", "num_experts", "kv_lora_rank", "word_embed_proj_dim", "resid_pdrop",
        "num_local_experts", "n_routed_experts", "num_experts_per_tok", "moe_intermediate_size", "n_shared_experts", "first_k_dense_replace", "mlp_only_layers",
        "decoder_sparse_step", "moe_layer_freq", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "num_nextn_predict_layers",
        "sliding_window", "sliding_window_pattern", "layer_types", "use_sliding_window", "max_window_layers", "vision_config", "quantization_config",
        "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads", "relative_attention_num_buckets", "feed_forward_proj",
        "max_position_embeddings", "type_vocab_size", "n_groups", "conv_kernel", "state_size", "expand", "attn_layer_indices", "mamba_d_state", "pad_vocab_size_multiple",
    ];

    private static readonly string[] Families =
    [
        "llama", "gpt2", "falcon", "opt", "gemma3_text", "qwen", "chatglm", "stablelm", "unheard_of",
        "mixtral", "qwen2_moe", "gpt_oss", "deepseek_v3", "llama4_text", "bert", "distilbert", "t5", "mamba2", "bamba", "mistral", "gemma2",
    ];

    [Property(MaxTest = 10_000)]
    public bool Any_bytes_give_a_model_or_a_format_problem_and_nothing_else(byte[] json) => IsReadOrRefused(json);

    [Property(MaxTest = 10_000, Arbitrary = [typeof(MixedFields)])]
    public bool Any_mix_of_fields_and_values_gives_a_countable_model_or_a_format_problem(string json) => IsReadOrRefused(Encoding.UTF8.GetBytes(json));

    private static bool IsReadOrRefused(byte[] json)
    {
        try
        {
            var model = HuggingFaceConfig.Parse(json);
            return model.Parameters > 0 && model.ActiveParameters > 0 && model.ActiveParameters <= model.Parameters && model.PredictionParameters >= 0;
        }
        catch (ModelFormatException exception)
        {
            return exception.Message.Length > 0;
        }
    }

    private static class MixedFields
    {
        private static readonly Gen<string> Field =
            from name in Gen.Elements(Names)
            from value in Gen.Elements(Values)
            select $"\"{name}\":{value}";

        public static Arbitrary<string> Json =>
            (from family in Gen.Elements(Families)
             from fields in Field.ListOf()
             select $$"""
                 {"model_type":"{{family}}","hidden_size":4096,"num_hidden_layers":2,"num_attention_heads":32,"intermediate_size":64,"vocab_size":99{{string.Concat(fields.Select(f => "," + f))}}}
                 """).ToArbitrary();
    }
}
