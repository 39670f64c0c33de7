using GpuMem.Estimation;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Planning.Tests.Serving;

/// <summary>A context that the cache has no room for: some engines end at start, others start and serve shorter ones.</summary>
public sealed class ShorterContextTests
{
    private static readonly ServerRequest Long = Servers.Of(Jobs.Llama8B, context: 1_000_000);

    /// <summary>TensorRT-LLM logs "maxAttentionWindow and maxSequenceLen are too large for at least one sequence to fit in kvCache. They are reduced to …".</summary>
    [Theory]
    [InlineData(InferenceEngine.TensorRTLLM)]
    [InlineData(InferenceEngine.SGLang)]
    public void An_engine_that_serves_shorter_sequences_instead_is_a_risk_and_says_how_long_they_may_be(InferenceEngine engine)
    {
        var plan = ServerPlanner.Plan(Long.With(server => server with { Engine = engine }), [Servers.H100]);

        Assert.Equal(Verdict.AtRisk, plan.Verdict);
        Assert.Matches($@"^{engine} serves [34]\d\d,\d\d\d of the 1,000,000 tokens on GPU-of-h100 \(79\.1 GiB\): its cache has no room for more$", ServerText.Sentence(plan));
        Assert.Contains(plan.Suggestions, fix => fix.ToString() == "tensor: 4");
        Assert.All(plan.Suggestions, fix => Assert.True(fix.Result.IsExpectedToFit));
    }

    [Theory]
    [InlineData(InferenceEngine.VLLM)]
    [InlineData(InferenceEngine.TGI)]
    public void An_engine_that_ends_at_start_is_refused(InferenceEngine engine) =>
        Assert.Equal(Verdict.DoesNotFit, ServerPlanner.Plan(Long.With(server => server with { Engine = engine }), [Servers.H100]).Verdict);

    [Theory]
    [InlineData(InferenceEngine.TensorRTLLM)]
    [InlineData(InferenceEngine.SGLang)]
    public void Weights_without_room_for_any_cache_are_refused_all_the_same(InferenceEngine engine) =>
        Assert.True(ServerPlanner.Plan(Servers.Of(Servers.Llama70B).With(server => server with { Engine = engine, Tensor = 2 }), [Pools.Of(Bytes.FromGiB(64))]).Verdict.Rejects());

    [Fact]
    public void Of_open_tensor_sizes_and_of_pools_the_one_that_holds_all_of_it_comes_first()
    {
        var request = Long.With(server => server with { Engine = InferenceEngine.TensorRTLLM });
        Assert.Equal((4, Verdict.Fits), ServerPlanner.Plan(request with { TensorIsAuto = true }, [Servers.H100]).Best is var best ? (best!.Spec.Tensor, best.Verdict) : default);
        Assert.Equal("h200", ServerPlanner.Plan(request.With(server => server with { InputLength = 600_000 }), [Servers.H100, Servers.H200]).Best!.Pool.Name);
    }
}
