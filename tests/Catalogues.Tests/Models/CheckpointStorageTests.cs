using System.Text;
using FsCheck.Xunit;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

public sealed class CheckpointStorageTests
{
    private static readonly QuantizationSpec NvFp4 = new(QuantizationScheme.NVFP4);

    [Theory]
    [InlineData("""{"quant_method":"fp8","weight_block_size":[128,128],"modules_to_not_convert":["lm_head","gate"]}""", QuantizationScheme.FP8, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"fp8","modules_to_not_convert":["self_attn"]}""", QuantizationScheme.FP8, "RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"awq","bits":4,"group_size":128,"modules_to_not_convert":["mlp.gate","shared_experts"]}""", QuantizationScheme.AWQ4, "Attention RoutedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"mxfp4","modules_to_not_convert":["model.layers.*.self_attn","model.layers.*.mlp.router","model.embed_tokens","lm_head"]}""", QuantizationScheme.MXFP4, "RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"mxfp4"}""", QuantizationScheme.MXFP4, "RoutedExperts Prediction")]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":32,"lm_head":true}""", QuantizationScheme.GPTQ4, "Attention RoutedExperts SharedExperts FeedForward Prediction Head")]
    [InlineData("""{"config_groups":{"group_0":{"targets":["Linear"],"weights":{"num_bits":4,"type":"int","group_size":32,"symmetric":true}}},"ignore":["lm_head","re:.*self_attn.*","re:.*shared_experts.*","re:.*mlp\\.(gate|up|gate_up|down)_proj.*"],"quant_method":"compressed-tensors"}""", QuantizationScheme.INT4, "RoutedExperts Prediction")]
    [InlineData("""{"config_groups":{"group_0":{"targets":["re:.*experts.*"],"weights":{"num_bits":8,"type":"float"}}},"quant_method":"compressed-tensors"}""", QuantizationScheme.FP8, "RoutedExperts SharedExperts")]
    [InlineData("""{"quant_algo":"FP8","ignore":["lm_head"],"config_groups":{"group_0":{"weights":{"num_bits":8,"type":"float"}}}}""", QuantizationScheme.FP8, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"producer":{"name":"modelopt"},"quantization":{"quant_algo":"NVFP4","exclude_modules":["*self_attn*","mtp*"]}}""", QuantizationScheme.NVFP4, "RoutedExperts SharedExperts FeedForward")]
    [InlineData("""{"quant_method":"quark","global_quant_config":{"weight":{"dtype":"fp4","qscheme":"per_group","group_size":32,"scale_format":"e8m0"}},"exclude":["lm_head","*self_attn*"]}""", QuantizationScheme.MXFP4, "RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"quark","global_quant_config":{"weight":{"dtype":"fp8_e4m3","qscheme":"per_tensor"}},"exclude":["lm_head"]}""", QuantizationScheme.FP8, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"torchao","quant_type":{"default":{"_type":"Int4WeightOnlyConfig","_data":{"group_size":128}}},"modules_to_not_convert":["lm_head"]}""", QuantizationScheme.GPTQ4, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"torchao","quant_type":"int8_weight_only"}""", QuantizationScheme.INT8, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"torchao","quant_type":{"default":{"_type":"Float8DynamicActivationFloat8WeightConfig","_data":{}}}}""", QuantizationScheme.FP8, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"hqq","quant_config":{"weight_quant_params":{"nbits":4,"channel_wise":true,"group_size":64,"optimize":true},"scale_quant_params":null,"zero_quant_params":null},"skip_modules":["lm_head"]}""", QuantizationScheme.HQQ, "Attention RoutedExperts SharedExperts FeedForward Prediction")]
    [InlineData("""{"quant_method":"hqq","quant_config":{"mlp.gate_proj":{"weight_quant_params":{"nbits":3,"group_size":64}},"mlp.up_proj":{"weight_quant_params":{"nbits":3,"group_size":64}},"mlp.down_proj":{"weight_quant_params":{"nbits":3,"group_size":64}}}}""", QuantizationScheme.HQQ, "FeedForward")]
    [InlineData("""{"quant_method":"aqlm","in_group_size":8,"out_group_size":1,"num_codebooks":1,"nbits_per_codebook":16,"linear_weights_not_to_quantize":["lm_head.weight","model.embed_tokens.weight","mlp.gate.weight","self_attn.q_proj.weight","self_attn.k_proj.weight","self_attn.v_proj.weight","self_attn.o_proj.weight"]}""", QuantizationScheme.AQLM, "RoutedExperts SharedExperts FeedForward Prediction")]
    public void Lists_of_modules_decide_which_parts_are_quantised(string quantization, QuantizationScheme scheme, string parts)
    {
        var storage = Read(quantization).CheckpointQuantization!;
        Assert.Equal(scheme, storage.Usual.Scheme);
        Assert.Equal(parts.Split(' ').Order(), storage.Parts.Select(part => part.Part.ToString()).Order());
        Assert.All(storage.Parts, part => Assert.Equal((0, long.MaxValue), (part.First, part.End)));
    }

    [Fact]
    public void A_list_of_single_layers_leaves_those_alone()
    {
        var storage = Read("""{"quant_method":"modelopt","quant_algo":"NVFP4","ignore":["lm_head","model.layers.0*","model.layers.1.*","model.layers.5.self_attn*"]}""").CheckpointQuantization!;
        Assert.Equal(
            [new StoredPart(ModelPart.Attention, 2, 5), new StoredPart(ModelPart.Attention, 6)],
            storage.Parts.Where(part => part.Part == ModelPart.Attention));
        Assert.Equal([new StoredPart(ModelPart.RoutedExperts, 2)], storage.Parts.Where(part => part.Part == ModelPart.RoutedExperts));
    }

    [Fact]
    public void A_mixed_export_has_formats_of_its_own_and_the_rest_as_it_was()
    {
        var storage = Read("""
            {"quant_method":"fp8","quant_algo":"MIXED_PRECISION","ignore":["*.attn.*","*.ffn.shared_experts.*","head"],
             "quantized_layers":{"layers.0.ffn.experts":{"quant_algo":"NVFP4","group_size":16},"layers.1.ffn.experts":{"quant_algo":"NVFP4","group_size":16}}}
            """).CheckpointQuantization!;
        Assert.Equal(NvFp4, storage.Usual);
        Assert.Equal(
            [new StoredPart(ModelPart.RoutedExperts, 0, 2), new StoredPart(ModelPart.RoutedExperts, 2, Own: new QuantizationSpec(QuantizationScheme.FP8))],
            storage.Parts.Where(part => part.Part == ModelPart.RoutedExperts));
        Assert.Equal([new StoredPart(ModelPart.Attention, Own: new QuantizationSpec(QuantizationScheme.FP8))], storage.Parts.Where(part => part.Part == ModelPart.Attention));
    }

    /// <summary>transformers HqqConfig and AqlmConfig, whose defaults stand where a file says nothing.</summary>
    [Fact]
    public void HQQ_and_AQLM_say_their_bits_and_groups()
    {
        Assert.Equal(new(QuantizationScheme.HQQ, 16, 2), Read("""{"quant_method":"hqq","quant_config":{"weight_quant_params":{"nbits":2,"group_size":16}}}""").CheckpointQuantization!.Usual);
        Assert.Equal(new(QuantizationScheme.AQLM, 8, 8, 2), Read("""{"quant_method":"aqlm","num_codebooks":2,"nbits_per_codebook":8}""").CheckpointQuantization!.Usual);
        Assert.Equal(new(QuantizationScheme.AQLM, 16, 16), Read("""{"quant_method":"aqlm","in_group_size":8,"out_group_size":2}""").CheckpointQuantization!.Usual);
    }

    [Theory]
    [InlineData("""{"quant_method":"hqq","quant_config":{"weight_quant_params":{"nbits":4,"group_size":64},"zero_quant_params":{"nbits":8}}}""", "quantization_config.quant_method hqq")]
    [InlineData("""{"quant_method":"aqlm","nbits_per_codebook":40}""", "quantization_config.quant_method aqlm")]
    [InlineData("""{"quant_method":"of-tomorrow"}""", "quantization_config.quant_method of-tomorrow")]
    [InlineData("""{"quant_method":"compressed-tensors","format":"woven"}""", "quantization_config.quant_method compressed-tensors")]
    [InlineData("""{"quant_method":"gptq","bits":3}""", "quantization_config.quant_method gptq of 3 bits")]
    [InlineData("""{"quant_method":"exl3","bits":4.65}""", "quantization_config.quant_method exl3 of 4.65 bits")]
    [InlineData("{}", "quantization_config without quant_method")]
    [InlineData("""{"quant_method":"fp8","ignore":["re:^(?!.*experts).*"]}""", "quantization_config with 're:^(?!.*experts).*'")]
    public void A_method_that_nobody_knows_is_named_with_its_path(string quantization, string named)
    {
        var model = Read(quantization);
        Assert.Equal(named, model.UnknownStorage);
        Assert.Null(model.CheckpointQuantization);
    }

    [Fact]
    public void Quark_may_store_some_layers_otherwise_than_the_rest()
    {
        var storage = Read("""
            {"quant_method":"quark","global_quant_config":{"weight":{"dtype":"fp4","group_size":32,"scale_format":"e8m0"}},
             "layer_quant_config":{"*self_attn*":{"weight":{"dtype":"fp8_e4m3","qscheme":"per_tensor"}}},"exclude":["lm_head"]}
            """).CheckpointQuantization!;
        Assert.Equal(QuantizationScheme.MXFP4, storage.Usual.Scheme);
        Assert.Equal([new StoredPart(ModelPart.Attention, Own: new QuantizationSpec(QuantizationScheme.FP8))], storage.Parts.Where(part => part.Part == ModelPart.Attention));
    }

    [Property(MaxTest = 2000)]
    public bool Any_entry_is_read_or_left(string? entry, string? module)
    {
        foreach (var pattern in ModulePattern.Read(entry ?? "").Concat(ModulePattern.Read($"re:{entry}")))
            _ = pattern.Names(module ?? "");
        return true;
    }

    [Property(MaxTest = 500)]
    public bool What_a_list_leaves_alone_is_never_quantised(byte layer)
    {
        var chosen = layer % 8;
        var storage = Read($$"""{"quant_method":"fp8","modules_to_not_convert":["model.layers.{{chosen}}.mlp"]}""").CheckpointQuantization!;
        return !storage.Parts.Any(part => part.Part is ModelPart.FeedForward or ModelPart.RoutedExperts && part.First <= chosen && chosen < part.End)
            && storage.Parts.Any(part => part.Part == ModelPart.Attention && part.First <= chosen && chosen < part.End);
    }

    private static ModelArchitecture Read(string quantization) => HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes($$"""
        {"model_type":"deepseek_v3","hidden_size":1024,"intermediate_size":2048,"moe_intermediate_size":512,"n_routed_experts":16,"n_shared_experts":1,"num_experts_per_tok":2,
         "first_k_dense_replace":1,"num_attention_heads":8,"num_key_value_heads":8,"num_hidden_layers":8,"vocab_size":32000,"kv_lora_rank":128,"q_lora_rank":256,
         "qk_nope_head_dim":64,"qk_rope_head_dim":32,"v_head_dim":64,"quantization_config":{{quantization}}}
        """));
}
