using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class InferenceEstimateTests
{
    [Theory]
    [InlineData("Qwen/Qwen3-0.6B", 2.018)]
    [InlineData("Qwen/Qwen3-1.7B", 4.114)]
    [InlineData("Qwen/Qwen3-4B", 8.652)]
    [InlineData("Qwen/Qwen3-8B", 16.417)]
    [InlineData("Qwen/Qwen3-14B", 28.80)]
    [InlineData("Qwen/Qwen3-32B", 63.07)]
    public void Weights_and_cache_of_8192_tokens_are_within_two_percent_of_what_was_measured(string name, double measured)
    {
        var estimate = Estimate(new() { Model = Example.Model(name), Engine = InferenceEngine.HuggingFace, InputLength = 6144, OutputLength = 2048 });
        var predicted = estimate.LowerBound.GiB;
        Assert.InRange(predicted / measured, 0.98, 1.0);
    }

    [Fact]
    public void Every_term_says_its_formula_numbers_and_source()
    {
        var spec = Serve() with { LoraSlots = 4, Tensor = 2, Draft = new SpeculativeDraft(Example.Model("meta-llama/Llama-3.2-1B")) };
        var estimate = Estimate(spec);
        Assert.Contains(estimate.Terms, term => term.Kind == TermKind.KeyValueCache);
        Assert.Contains(estimate.Terms, term => term.Kind == TermKind.CudaGraphs);
        Assert.All(estimate.Terms, term => Assert.All([term.Formula, term.Numbers, term.Source], text => Assert.NotEmpty(text)));
    }

    [Fact]
    public void Logits_of_a_whole_prompt_weigh_more_than_those_of_its_last_token()
    {
        var spec = new InferenceSpec { Model = Example.Llama8B, Engine = InferenceEngine.HuggingFace, InputLength = 8192 };
        var all = Estimate(spec with { Logits = PrefillLogits.AllTokens });
        Assert.Equal(8192L * ((6 * 128_256L) + (2 * 4096)), all.Size(TermKind.Logits).Value);
        Assert.Equal(Phase.Prefill, all.PeakPhase);
        Assert.True(all.Expected > Estimate(spec).Expected);
    }

    [Fact]
    public void A_cache_that_grows_leaves_as_much_again_reserved()
    {
        var spec = new InferenceSpec { Model = Example.Llama8B, Engine = InferenceEngine.HuggingFace, InputLength = 16, OutputLength = 8192 };
        var (growing, whole) = (Estimate(spec), Estimate(spec with { GrowingCache = false }));
        Assert.InRange(growing.Reserved.Value - whole.Reserved.Value, 8208L * 131_072, 8208L * 131_072 * 11 / 10);
    }

    [Fact]
    public void A_vision_part_is_added_and_widens_the_bound()
    {
        var spec = Serve();
        var with = Estimate(spec with { Model = spec.Model with { VisionParameters = 1_000_000_000 } });
        Assert.Equal(2_000_000_000, with.Expected.Value - Estimate(spec).Expected.Value);
        Assert.True(with.UpperBound.Value - Estimate(spec).UpperBound.Value >= 2_500_000_000);
    }

    [Fact]
    public void The_last_stage_of_a_pipeline_has_the_sampler()
    {
        var estimate = Estimate(Serve() with { Pipeline = 2 });
        Assert.Equal(1, estimate.WorstPipelineStage);
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_cannot_be_served_says_where_and_why(InferenceSpec spec, string path)
    {
        var problems = InferenceEstimator.Validate(spec);
        Assert.Contains(problems, problem => problem.Path == path && problem.Message.Length > 10);
        Assert.Throws<InvalidJobException>(() => InferenceEstimator.Estimate(spec));
        Assert.Throws<InvalidJobException>(() => InferenceEstimator.Capacity(spec, Bytes.FromGiB(80)));
    }

    public static TheoryData<InferenceSpec, string> Impossible => new()
    {
        { Serve() with { InputLength = 0 }, "inference.inputLength" },
        { Serve() with { OutputLength = -1 }, "inference.outputLength" },
        { Serve() with { Batch = long.MaxValue }, "inference.batch" },
        { Serve() with { Tensor = 3 }, "parallelism.tensor" },
        { Serve() with { Pipeline = 33 }, "parallelism.pipeline" },
        { Serve() with { Expert = 2 }, "parallelism.expert" },
        { Serve() with { KvCacheDtype = KeyValueCacheType.FP8DeepSeek }, "inference.kvCacheDtype" },
        { Serve() with { Engine = (InferenceEngine)99 }, "inference.engine" },
        { Serve() with { EngineVersion = "newest" }, "inference.engineVersion" },
        { Serve() with { ValueCacheDtype = KeyValueCacheType.FP8 }, "inference.valueCacheType" },
        { Serve() with { KvCacheDtype = KeyValueCacheType.Q8 }, "inference.kvCacheDtype" },
        { Serve() with { EngineVersion = "0.8.5", Quantization = new QuantizationSpec(QuantizationScheme.NVFP4) }, "quantization.scheme" },
        { Serve() with { MemoryFraction = 1.2m }, "inference.memoryFraction" },
        { Serve() with { BlockSize = 0 }, "inference.blockSize" },
        { Serve() with { Quantization = new QuantizationSpec(QuantizationScheme.GPTQ4, -1) }, "quantization.groupSize" },
        { Serve() with { LoraSlots = 1, Lora = new LoraSpec { Rank = 0 } }, "training.lora.rank" },
        { Serve() with { Tensor = 4, Draft = new SpeculativeDraft(Example.Llama8B, 2) }, "inference.draft.tensor" },
        { Serve() with { Model = Example.Llama8B with { Layers = 0 } }, "model" },
    };

    private static InferenceSpec Serve() => new() { Model = Example.Llama8B, InputLength = 4096, OutputLength = 512, Batch = 8 };

    private static Estimate Estimate(InferenceSpec spec) => InferenceEstimator.Estimate(spec);
}
