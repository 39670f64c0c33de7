using System.Text;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

public sealed class HuggingFaceConfigTests
{
    private const string Llama8B = """
        {"architectures":["LlamaForCausalLM"],"attention_bias":false,"bos_token_id":128000,"hidden_act":"silu","hidden_size":4096,"intermediate_size":14336,
        "max_position_embeddings":131072,"mlp_bias":false,"model_type":"llama","num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,
        "rope_scaling":{"factor":8.0,"rope_type":"llama3"},"rope_theta":500000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16","vocab_size":128256}
        """;

    private static readonly string Deep = new string('[', 10_000) + new string(']', 10_000);

    public static TheoryData<string, string, long> Published => new()
    {
        { "llama", Llama8B, 8_030_261_248 },
        { "gpt2", """{"model_type":"gpt2","n_ctx":1024,"n_embd":768,"n_head":12,"n_layer":12,"n_positions":1024,"resid_pdrop":0.1,"vocab_size":50257}""", 124_439_808 },
        { "neox", """{"model_type":"gpt_neox","hidden_size":6144,"intermediate_size":24576,"num_attention_heads":64,"num_hidden_layers":44,"vocab_size":50432,"tie_word_embeddings":false}""", 20_554_567_680 },
        { "qwen2", """{"model_type":"qwen2","hidden_size":896,"intermediate_size":4864,"num_attention_heads":14,"num_hidden_layers":24,"num_key_value_heads":2,"tie_word_embeddings":true,"vocab_size":151936}""", 494_032_768 },
        { "qwen3", """{"model_type":"qwen3","attention_bias":false,"head_dim":128,"hidden_size":1024,"intermediate_size":3072,"num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"tie_word_embeddings":true,"vocab_size":151936}""", 596_049_920 },
        { "gemma", """{"model_type":"gemma","head_dim":256,"hidden_size":3072,"intermediate_size":24576,"num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":16,"vocab_size":256000}""", 8_537_680_896 },
        { "gemma2", """{"model_type":"gemma2","head_dim":256,"hidden_size":2304,"intermediate_size":9216,"num_attention_heads":8,"num_hidden_layers":26,"num_key_value_heads":4,"vocab_size":256000,"final_logit_softcapping":30.0}""", 2_614_341_888 },
        { "gemma3", """{"architectures":["Gemma3ForConditionalGeneration"],"model_type":"gemma3","text_config":{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,"sliding_window":1024},"vision_config":{"hidden_size":1152}}""", 3_880_263_168 },
        { "phi-2", """{"model_type":"phi","hidden_size":2560,"intermediate_size":10240,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":null,"tie_word_embeddings":false,"vocab_size":51200}""", 2_779_683_840 },
        { "falcon", """{"model_type":"falcon","bias":false,"hidden_size":4544,"multi_query":true,"new_decoder_architecture":false,"num_attention_heads":71,"num_hidden_layers":32,"parallel_attn":true,"vocab_size":65024}""", 6_921_720_704 },
        { "bloom", """{"model_type":"bloom","n_embed":1024,"n_layer":24,"num_attention_heads":16,"vocab_size":250880}""", 559_214_592 },
        // Two rows more than the published count of a port without the offset of the position table.
        { "opt", """{"model_type":"opt","ffn_dim":8192,"hidden_size":2048,"max_position_embeddings":2048,"num_attention_heads":32,"num_hidden_layers":24,"vocab_size":50272,"word_embed_proj_dim":2048}""", 1_315_753_984 + (2 * 2048) },
        { "qwen1", """{"model_type":"qwen","hidden_size":4096,"intermediate_size":22016,"kv_channels":128,"num_attention_heads":32,"num_hidden_layers":32,"no_bias":true,"tie_word_embeddings":false,"vocab_size":151936}""", 7_721_324_544 },
    };

    public static TheoryData<string, string> Hostile => new()
    {
        { "", "JSON" },
        { "not json", "JSON" },
        { "{", "JSON" },
        { "[]", "object" },
        { "null", "object" },
        { "42", "object" },
        { "{}", "hidden_size" },
        { Deep, "64" },
        { $$"""{"hidden_size":{{Deep}}}""", "64" },
        { """{"hidden_size":"\ud800"}""", "hidden_size" },
        { """{"model_type":"\ud800"}""", "Unicode" },
        { """{"hidden_size":true}""", "hidden_size" },
        { """{"hidden_size":4096.5}""", "hidden_size" },
        { """{"hidden_size":-1}""", "hidden_size" },
        { """{"model_type":7}""", "model_type" },
        { Replaced("\"hidden_size\":4096", "\"hidden_size\":0"), "hidden" },
        { Replaced("\"hidden_size\":4096", "\"hidden_size\":1e999999"), "hidden_size" },
        { Replaced("\"hidden_size\":4096", "\"hidden_size\":9223372036854775807"), "hidden" },
        { Replaced("\"num_hidden_layers\":32", "\"num_hidden_layers\":4294967328"), "layers" },
        { Replaced("\"num_attention_heads\":32", "\"num_attention_heads\":0"), "heads" },
        { Replaced("\"num_attention_heads\":32", "\"num_attention_heads\":33"), "divided" },
        { Replaced("\"num_key_value_heads\":8", "\"num_key_value_heads\":0"), "key-value" },
        { Replaced("\"num_key_value_heads\":8", "\"num_key_value_heads\":7"), "key-value" },
        { Replaced("\"vocab_size\":128256", "\"vocab_size\":null"), "vocab_size" },
        { Replaced("\"tie_word_embeddings\":false", "\"tie_word_embeddings\":\"no\""), "tie_word_embeddings" },
        { """{"model_type":"mixtral","num_local_experts":8}""", "hidden_size" },
        { """{"model_type":"deepseek_v3","kv_lora_rank":512}""", "hidden_size" },
        { """{"model_type":"t5","d_model":512}""", "num_layers" },
        { """{"model_type":"bert","hidden_size":768,"num_attention_heads":0}""", "divided" },
        { """{"model_type":"umt5","d_model":512}""", "T5" },
        { """{"model_type":"plamo2","mamba_d_state":16}""", "Mamba-2" },
        { Replaced("\"num_hidden_layers\":32", "\"num_hidden_layers\":32,\"n_layer\":16"), "n_layer is 16" },
        { Replaced("\"hidden_size\":4096", "\"hidden_size\":4096,\"hidden_size\":8192"), "hidden_size" },
        { Replaced("\"mlp_bias\":false", "\"num_local_experts\":8"), "num_experts_per_tok" },
        { Replaced("\"mlp_bias\":false", "\"num_local_experts\":8,\"num_experts_per_tok\":9"), "experts per token is 9" },
        { Replaced("\"mlp_bias\":false", "\"num_local_experts\":9223372036854775807,\"num_experts_per_tok\":1"), "experts" },
        { Replaced("\"mlp_bias\":false", "\"num_local_experts\":65536,\"num_experts_per_tok\":1,\"moe_intermediate_size\":16777216").Replace(":4096", ":1048576", StringComparison.Ordinal), "2^63" },
        { Replaced("\"mlp_bias\":false", "\"num_local_experts\":8,\"num_experts_per_tok\":2,\"mlp_only_layers\":\"0\""), "mlp_only_layers" },
        { Replaced("\"mlp_bias\":false", "\"sliding_window\":1024,\"layer_types\":[1]"), "layer_types" },
        { Replaced("\"mlp_bias\":false", "\"kv_lora_rank\":512"), "qk_nope_head_dim" },
        { Replaced("\"mlp_bias\":false", "\"vision_config\":{\"hidden_size\":9000000,\"num_hidden_layers\":4}"), "vision" },
        { Replaced("\"mlp_bias\":false", "\"quantization_config\":{\"quant_method\":4}"), "quant_method" },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void A_published_config_gives_the_published_count(string family, string json, long parameters)
    {
        Assert.NotNull(family);
        Assert.Equal(parameters, Parse(json).Parameters);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_config_that_cannot_be_read_says_what_is_wrong(string json, string named)
    {
        var exception = Assert.Throws<ModelFormatException>(() => Parse(json));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.True(exception.Message.Length < 600, exception.Message);
    }

    [Fact]
    public void All_missing_fields_are_named_at_once()
    {
        var exception = Assert.Throws<ModelFormatException>(() => Parse("""{"model_type":"brand_new","hidden_size":4096,"n_layer":32}"""));
        Assert.Contains("num_attention_heads, intermediate_size, vocab_size missing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_above_one_mebibyte_is_refused_with_the_limit()
    {
        var exception = Assert.Throws<ModelFormatException>(() => HuggingFaceConfig.Parse(new byte[HuggingFaceConfig.MaxBytes + 1]));
        Assert.Contains("1 MiB", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Assert.Equal(8_030_261_248, HuggingFaceConfig.Parse((byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Llama8B)]).Parameters);

    [Fact]
    public void Bytes_that_are_no_UTF8_are_a_format_problem()
    {
        byte[] json = [.. "{\"model_type\":\""u8, 0xFF, 0xFE, .. "\"}"u8];
        Assert.Throws<ModelFormatException>(() => HuggingFaceConfig.Parse(json));
    }

    [Fact]
    public void An_unknown_model_type_is_read_as_Llama_and_says_so()
    {
        var model = Parse(Replaced("\"model_type\":\"llama\"", "\"model_type\":\"brand_new\""));
        Assert.Equal(ModelKnowledge.UnknownFamily, model.Knowledge);
        Assert.Equal("brand_new", model.UnknownFamily);
        Assert.Equal(8_030_261_248, model.Parameters);
    }

    [Fact]
    public void A_model_type_that_is_known_or_missing_is_told_apart()
    {
        Assert.Null(Parse(Llama8B).UnknownFamily);
        Assert.Equal("", Parse(Replaced("\"model_type\":\"llama\",", "")).UnknownFamily);
    }

    [Fact]
    public void The_language_part_of_a_multimodal_model_may_be_of_an_unknown_family_too() => Assert.Equal(
        "brand_new", Parse($$"""{"model_type":"llava","text_config":{{Replaced("\"model_type\":\"llama\"", "\"model_type\":\"brand_new\"")}}}""").UnknownFamily);

    private static ModelArchitecture Parse(string json) => HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(json));

    private static string Replaced(string old, string replacement) => Llama8B.Replace(old, replacement, StringComparison.Ordinal);
}
