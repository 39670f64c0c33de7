using System.Text;
using GpuMem.Catalogues.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Layers of hybrids have one block, two or three: what they keep for backward goes with them.</summary>
public sealed class HybridBlockTests
{
    private const string Widths = "\"hidden_size\":2048,\"intermediate_size\":4096,\"num_attention_heads\":16,\"num_key_value_heads\":4,\"head_dim\":128,\"vocab_size\":65536";

    [Theory]
    [InlineData("{\"model_type\":\"nemotron_h\",\"hybrid_override_pattern\":\"M-M*-M-\",\"mamba_num_heads\":64,\"mamba_head_dim\":64,\"n_groups\":8,\"ssm_state_size\":128,\"conv_kernel\":4," + Widths + "}", 7)]
    [InlineData("{\"model_type\":\"falcon_h1\",\"num_hidden_layers\":4,\"mamba_d_ssm\":4096,\"mamba_d_state\":128,\"mamba_n_heads\":32,\"mamba_d_head\":128,\"mamba_n_groups\":2,\"mamba_d_conv\":4," + Widths + "}", 12)]
    [InlineData("{\"model_type\":\"lfm2\",\"num_hidden_layers\":3,\"layer_types\":[\"conv\",\"conv\",\"full_attention\"],\"block_auto_adjust_ff_dim\":false,\"conv_L_cache\":3," + Widths + "}", 6)]
    [InlineData("{\"model_type\":\"exaone4\",\"num_hidden_layers\":4," + Widths + "}", 0)]
    public void Blocks_of_hybrids_are_counted(string config, int blocks) => Assert.Equal(blocks, HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(config)).Parts!.HybridBlocks);
}
