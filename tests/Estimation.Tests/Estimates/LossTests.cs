using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class LossTests
{
    private static readonly JobSpec Job = Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.None);

    [Fact]
    public void A_loss_in_place_keeps_the_logits_in_the_type_they_are_made_in()
    {
        // Inputs of the last norm and the head besides: 2 · 2 bytes of hidden size for each token.
        Assert.Equal((2L * 128_256 + 4 * 4096) * 8192, Logits(LossKernel.InPlace));
        Assert.Equal((6L * 128_256 + 4 * 4096) * 8192, Logits(LossKernel.Full));
    }

    [Fact]
    public void What_the_loss_is_said_to_come_from_is_the_program_that_computes_it()
    {
        var job = Job with { Training = Job.Training with { Trainer = Trainer.LitGPT, Framework = TrainingFramework.DDP, Method = TrainingMethod.LoRA } };
        var term = MemoryEstimator.Estimate(job).Terms.Single(term => term.Kind == TermKind.Logits);
        Assert.Contains("litgpt", term.Source, StringComparison.Ordinal);
        Assert.Contains("10 B", term.Numbers, StringComparison.Ordinal);
    }

    private static long Logits(LossKernel loss) =>
        LogitsMemory.Of(new RankContext(Job with { Training = Job.Training with { Loss = loss } }, 0)).Expected;
}
