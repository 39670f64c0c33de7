using System.Text;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Configurations beyond dense decoders, with the fields that the counts follow from as published.</summary>
public sealed class FamilyConfigTests
{
    public static TheoryData<string, string, long> Published => new()
    {
        { "mixtral", """{"model_type":"mixtral","hidden_size":4096,"intermediate_size":14336,"num_attention_heads":32,"num_experts_per_tok":2,"num_hidden_layers":32,"num_key_value_heads":8,"num_local_experts":8,"sliding_window":null,"tie_word_embeddings":false,"vocab_size":32000}""", 46_702_792_704 },
        { "qwen2_moe", """{"model_type":"qwen2_moe","decoder_sparse_step":1,"hidden_size":2048,"intermediate_size":5632,"max_window_layers":21,"moe_intermediate_size":1408,"num_attention_heads":16,"num_experts":60,"num_experts_per_tok":4,"num_hidden_layers":24,"num_key_value_heads":16,"shared_expert_intermediate_size":5632,"sliding_window":32768,"tie_word_embeddings":false,"use_sliding_window":false,"vocab_size":151936}""", 14_315_784_192 },
        { "qwen3_moe", """{"model_type":"qwen3_moe","attention_bias":false,"decoder_sparse_step":1,"head_dim":128,"hidden_size":2048,"intermediate_size":6144,"mlp_only_layers":[],"moe_intermediate_size":768,"num_attention_heads":32,"num_experts":128,"num_experts_per_tok":8,"num_hidden_layers":48,"num_key_value_heads":4,"sliding_window":null,"tie_word_embeddings":false,"vocab_size":151936}""", 30_532_122_624 },
        { "gpt_oss", """{"model_type":"gpt_oss","attention_bias":true,"experts_per_token":4,"head_dim":64,"hidden_size":2880,"intermediate_size":2880,"num_attention_heads":64,"num_experts_per_tok":4,"num_hidden_layers":24,"num_key_value_heads":8,"num_local_experts":32,"quantization_config":{"quant_method":"mxfp4","modules_to_not_convert":["lm_head"]},"sliding_window":128,"tie_word_embeddings":false,"vocab_size":201088}""", 20_914_757_184 },
        { "deepseek_v2", """{"model_type":"deepseek_v2","first_k_dense_replace":1,"hidden_size":2048,"intermediate_size":10944,"kv_lora_rank":512,"moe_intermediate_size":1408,"moe_layer_freq":1,"n_routed_experts":64,"n_shared_experts":2,"num_attention_heads":16,"num_experts_per_tok":6,"num_hidden_layers":27,"num_key_value_heads":16,"q_lora_rank":null,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"tie_word_embeddings":false,"topk_method":"greedy","v_head_dim":128,"vocab_size":102400}""", 15_706_484_224 },
        { "deepseek_v3", """{"model_type":"deepseek_v3","first_k_dense_replace":3,"hidden_size":7168,"intermediate_size":18432,"kv_lora_rank":512,"moe_intermediate_size":2048,"moe_layer_freq":1,"n_routed_experts":256,"n_shared_experts":1,"num_attention_heads":128,"num_experts_per_tok":8,"num_hidden_layers":61,"num_key_value_heads":128,"num_nextn_predict_layers":1,"q_lora_rank":1536,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]},"tie_word_embeddings":false,"topk_method":"noaux_tc","v_head_dim":128,"vocab_size":129280}""", 671_026_419_200 },
        { "kimi_k2", """{"model_type":"kimi_k2","first_k_dense_replace":1,"hidden_size":7168,"intermediate_size":18432,"kv_lora_rank":512,"moe_intermediate_size":2048,"n_routed_experts":384,"n_shared_experts":1,"num_attention_heads":64,"num_experts_per_tok":8,"num_hidden_layers":61,"num_key_value_heads":64,"num_nextn_predict_layers":0,"q_lora_rank":1536,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128,"vocab_size":163840}""", 1_026_408_232_448 },
        { "bert", """{"model_type":"bert","hidden_dropout_prob":0.1,"hidden_size":768,"intermediate_size":3072,"max_position_embeddings":512,"num_attention_heads":12,"num_hidden_layers":12,"type_vocab_size":2,"vocab_size":30522}""", 109_482_240 },
        { "roberta", """{"model_type":"roberta","hidden_size":768,"intermediate_size":3072,"max_position_embeddings":514,"num_attention_heads":12,"num_hidden_layers":12,"type_vocab_size":1,"vocab_size":50265}""", 124_645_632 },
        { "distilbert", """{"model_type":"distilbert","dim":768,"hidden_dim":3072,"max_position_embeddings":512,"n_heads":12,"n_layers":6,"vocab_size":30522}""", 66_362_880 },
        { "t5", """{"model_type":"t5","d_ff":2048,"d_kv":64,"d_model":512,"is_encoder_decoder":true,"num_heads":8,"num_layers":6,"relative_attention_num_buckets":32,"vocab_size":32128}""", 60_506_624 },
        { "flan-t5", """{"model_type":"t5","d_ff":5120,"d_kv":64,"d_model":2048,"feed_forward_proj":"gated-gelu","num_decoder_layers":24,"num_heads":32,"num_layers":24,"tie_word_embeddings":false,"vocab_size":32128}""", 2_849_757_184 },
        { "mamba2", """{"d_model":2560,"d_intermediate":0,"n_layer":64,"vocab_size":50277,"ssm_cfg":{"layer":"Mamba2"},"tie_embeddings":true,"pad_vocab_size_multiple":16}""", 2_702_599_680 },
        { "mpt", """{"model_type":"mpt","d_model":4096,"expansion_ratio":4,"n_heads":32,"n_layers":32,"no_bias":true,"vocab_size":50432}""", 6_649_286_656 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void A_published_config_gives_the_published_count(string family, string json, long parameters)
    {
        var model = Parse(json);
        Assert.NotNull(family);
        Assert.Equal(parameters, model.Parameters);
        Assert.Equal(ModelKnowledge.Exact, model.Knowledge);
    }

    [Theory]
    [InlineData("""{"model_type":"gemma2","sliding_window":4096,LAYERS}""", 26, 4096, 13)]
    [InlineData("""{"model_type":"gemma3_text","sliding_window":512,LAYERS}""", 26, 512, 22)]
    [InlineData("""{"model_type":"gemma3_text","sliding_window":1024,"sliding_window_pattern":6,LAYERS}""", 62, 1024, 52)]
    [InlineData("""{"model_type":"mistral","sliding_window":4096,LAYERS}""", 32, 4096, 32)]
    [InlineData("""{"model_type":"mistral","sliding_window":null,LAYERS}""", 32, 0, 0)]
    [InlineData("""{"model_type":"qwen2","sliding_window":131072,"use_sliding_window":false,"max_window_layers":28,LAYERS}""", 28, 0, 0)]
    [InlineData("""{"model_type":"qwen2","sliding_window":4096,"use_sliding_window":true,"max_window_layers":21,LAYERS}""", 28, 4096, 7)]
    [InlineData("""{"model_type":"unheard_of","sliding_window":128,"layer_types":["sliding_attention","full_attention","sliding_attention"],LAYERS}""", 3, 128, 2)]
    [InlineData("""{"model_type":"unheard_of","sliding_window":128,LAYERS}""", 3, 0, 0)]
    public void A_window_is_read_layer_by_layer_or_from_what_the_model_type_implies(string json, int layers, long tokens, int local)
    {
        var dimensions = $"\"hidden_size\":512,\"num_hidden_layers\":{layers},\"num_attention_heads\":8,\"num_key_value_heads\":8,\"intermediate_size\":512,\"vocab_size\":512";
        var window = Parse(json.Replace("LAYERS", dimensions, StringComparison.Ordinal)).Window;
        Assert.Equal(tokens == 0 ? null : new SlidingWindow(tokens, local), window);
    }

    [Theory]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":128}""", QuantizationScheme.GPTQ4)]
    [InlineData("""{"quant_method":"gptq","bits":8,"group_size":-1}""", QuantizationScheme.GPTQ8)]
    [InlineData("""{"quant_method":"awq","bits":4,"group_size":64}""", QuantizationScheme.AWQ4)]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_4bit":true,"bnb_4bit_quant_type":"nf4","bnb_4bit_use_double_quant":true}""", QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_8bit":true}""", QuantizationScheme.INT8)]
    [InlineData("""{"quant_method":"fp8","weight_block_size":[128,128]}""", QuantizationScheme.FP8)]
    [InlineData("""{"quant_method":"modelopt","quant_algo":"NVFP4"}""", QuantizationScheme.NVFP4)]
    [InlineData("""{"quant_method":"gguf","gguf_file":"model-Q4_K_M.gguf"}""", QuantizationScheme.Q4KM)]
    [InlineData("""{"quant_method":"of tomorrow"}""", null)]
    public void A_quantised_checkpoint_is_counted_by_its_dimensions_and_remembers_how_it_is_stored(string quantization, QuantizationScheme? scheme)
    {
        var json = $$"""{"model_type":"llama","hidden_size":4096,"intermediate_size":14336,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"vocab_size":128256,"quantization_config":{{quantization}}}""";
        Assert.Equal(8_030_261_248, Parse(json).Parameters);
        Assert.Equal(scheme, Parse(json).CheckpointQuantization?.Usual.Scheme);
    }

    [Fact]
    public void A_vision_part_is_counted_apart_from_the_language_model()
    {
        var model = Parse("""{"model_type":"gemma3","text_config":{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34},"vision_config":{"hidden_size":1152,"image_size":896,"intermediate_size":4304,"model_type":"siglip_vision_model","num_attention_heads":16,"num_hidden_layers":27,"patch_size":14,"vision_use_head":false}}""");
        Assert.Equal(3_880_263_168, model.Parameters);
        Assert.Equal(4_300_079_472 - 3_880_263_168, model.VisionParameters);
        Assert.Equal(ModelKnowledge.Exact, model.Knowledge);
    }

    private static ModelArchitecture Parse(string json) => HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(json));
}
