using GpuMem.Api.Commands;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What flags of engines say of caches of several kinds: windows, states and what proposes tokens.</summary>
public sealed class CacheFlagsTests
{
    /// <summary>They decide how many states a sequence has, and whether windows are kept whole.</summary>
    [Theory]
    [InlineData("--speculative-config {\"method\":\"qwen3_next_mtp\",\"num_speculative_tokens\":3}", 3, null, null)]
    [InlineData("--speculative-config {\"method\":\"dflash\",\"model\":\"o/draft\",\"num_speculative_tokens\":6} --enable-prefix-caching", 6, true, null)]
    [InlineData("--speculative-config {\"method\":\"ngram\",\"num_speculative_tokens\":4} --no-enable-prefix-caching", 4, false, null)]
    [InlineData("--speculative-config {\"num_speculative_tokens\":999999999}", null, null, null)]
    [InlineData("--disable-hybrid-kv-cache-manager", null, null, false)]
    public void What_a_cache_of_several_kinds_holds_is_read(string flags, int? proposed, bool? caching, bool? hybrid)
    {
        var read = Of($"vllm serve m/x {flags}".Split(' '));
        Assert.Equal((proposed, caching, hybrid), (read.Settings.ProposedTokens, read.Settings.PrefixCaching, read.Settings.HybridCache));
    }

    [Fact]
    public void The_pools_of_SGLang_are_read()
    {
        var read = Of("python3 -m sglang.launch_server --model-path m/x --swa-full-tokens-ratio 0.1 --mamba-full-memory-ratio 2.5 --max-mamba-cache-size 64 --mamba-ssm-dtype bfloat16".Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((0.1m, 2.5m, 64, DataType.BF16), (read.Settings.WindowShare?.ToDecimal(), read.Settings.StateShare?.ToDecimal(), read.Settings.StateSlots, read.Settings.StateType));
        Assert.Equal(["--swa-full-tokens-ratio 1.5"], Of("python3 -m sglang.launch_server --model-path m/x --swa-full-tokens-ratio 1.5".Split(' ')).NotUnderstood);
    }

    [Theory]
    [InlineData("--spec-type draft-mtp", true, 3)]
    [InlineData("--spec-type draft-mtp --spec-draft-n-max 12", true, 12)]
    [InlineData("--spec-type none", null, null)]
    [InlineData("--spec-type ngram-mod", null, 3)]
    public void The_modules_that_llama_cpp_drafts_with_are_read(string flags, bool? modules, int? tokens)
    {
        var read = Of($"llama-server -hf unsloth/Qwen3.6-27B-GGUF:Q4_K_M {flags}".Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((modules, tokens), (read.Settings.PredictionModules, read.Settings.ProposedTokens));
    }

    /// <summary>vLLM takes modelopt for what the checkpoint says, FP8 where it says nothing else.</summary>
    [Theory]
    [InlineData("bg-digitalservices/Gemma-4-26B-A4B-it-NVFP4", null)]
    [InlineData("google/gemma-4-26B-A4B-it", QuantizationScheme.FP8)]
    public void The_format_of_ModelOpt_is_that_of_the_checkpoint(string model, QuantizationScheme? scheme) =>
        Assert.Equal(scheme, Of($"vllm serve {model} --quantization modelopt".Split(' ')).Settings.Quantization?.Scheme);

    [Theory]
    [InlineData("--mamba-ssm-cache-dtype float16", DataType.FP16)]
    [InlineData("--mamba-cache-dtype float32", DataType.FP32)]
    [InlineData("--mamba-ssm-cache-dtype bfloat16 --mamba-cache-dtype float32", DataType.BF16)]
    public void The_type_of_states_is_read(string flags, DataType type) =>
        Assert.Equal(type, Of($"vllm serve m/x {flags}".Split(' ')).Settings.StateType);

    [Theory]
    [InlineData("--n-cpu-moe 20", 20)]
    [InlineData("-ncmoe 20", 20)]
    [InlineData("--cpu-moe", 10_000)]
    public void The_layers_whose_experts_llama_cpp_leaves_on_the_host_are_read(string flags, int layers)
    {
        var read = Of($"llama-server -hf unsloth/Qwen3-30B-A3B-GGUF:Q4_K_M {flags}".Split(' '));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(layers, read.Settings.ExpertLayersOnHost);
    }

    [Fact]
    public void A_cache_that_is_divided_by_tokens_is_read() =>
        Assert.Equal(8, Of("vllm serve m/x -tp 8 -dcp 8".Split(' ')).Settings.DecodeContext);

    private static EngineCommand Of(string[] command) =>
        Assert.Single(EngineCommandReader.Read(new V1PodSpec { Containers = [new V1Container { Name = "engine", Command = command }] }));
}
