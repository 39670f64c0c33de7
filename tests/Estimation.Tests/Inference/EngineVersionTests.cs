using GpuMem.Serving;
using GpuMem.Serving.Engines;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class EngineVersionTests
{
    /// <summary>A release has the rules of the newest known one that is not newer, and says whose they are.</summary>
    [Theory]
    [InlineData("0.14.1", "0.11", "vLLM 0.14.1 is not known; it is taken to do what 0.11, the newest known release before it, does.")]
    [InlineData("0.18.9", "0.11", "vLLM 0.18.9 is not known; it is taken to do what 0.11, the newest known release before it, does.")]
    [InlineData("0.19.1", "0.19", null)]
    [InlineData("0.21.0", "0.20", "vLLM 0.21.0 is not known; it is taken to do what 0.20, the newest known release before it, does.")]
    [InlineData("0.31.2", "0.28", "vLLM 0.31.2 is not known; it is taken to do what 0.28, the newest known release, does.")]
    [InlineData("0.6.3", "0.8", "vLLM 0.6.3 is not known; it is taken to do what 0.8, the oldest known release, does.")]
    [InlineData("0.20.0rc1", "0.20", null)]
    public void A_release_between_known_ones_does_what_the_one_before_it_does(string version, string rules, string? said)
    {
        var spec = new InferenceSpec { Model = Example.Llama8B, InputLength = 1, Engine = InferenceEngine.VLLM, EngineVersion = version };
        Assert.Equal((rules, said), (Vllm.Of(spec).Number, EngineVersions.Assumed(spec)));
    }

    /// <summary>Of an 80 GB card that prefills by chunks of 2,048, 10 GiB are set aside, and 2 more for the modules that guess tokens (sglang/srt/server_args.py).</summary>
    [Theory]
    [InlineData(false, 10_240)]
    [InlineData(true, 12_288)]
    public void SGLang_sets_aside_for_a_draft_beside_the_least_of_large_cards(bool guesses, long reserved) => Assert.Equal(reserved, SgLang.ReservedMiB(
        new InferenceSpec { Model = Example.Llama8B, InputLength = 1, Engine = InferenceEngine.SGLang, MaxBatchedTokens = 2048, MaxSequences = 256, PredictionModules = guesses },
        80 * Bytes.PerGiB));
}
