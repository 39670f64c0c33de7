using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Arithmetic;
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

    /// <summary>Four sequences of 65,536 tokens over eight ranks: 40 GiB of Qwen2.5-3B (modelscope/ms-swift examples/train/sequence_parallel/sequence_parallel.sh), 28 of them logits.</summary>
    [Fact]
    public void What_autocast_hands_on_in_fp32_becomes_a_gradient_that_is_cast_back()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Trainer = Trainer.HuggingFace, Method = TrainingMethod.LoRA, Loss = LossKernel.InPlace } };
        Assert.Equal(Ratio.Whole(6), LogitsMemory.PerLogit(new RankContext(job, 0)).Expected);
        Assert.Equal(Ratio.Whole(2), LogitsMemory.PerLogit(new RankContext(job with { Training = job.Training with { Framework = TrainingFramework.DeepSpeed } }, 0)).Expected);
    }

    [Fact]
    public void What_the_loss_is_said_to_come_from_is_the_program_that_computes_it()
    {
        var job = Job with { Training = Job.Training with { Trainer = Trainer.LitGPT, Framework = TrainingFramework.DDP, Method = TrainingMethod.LoRA } };
        var term = MemoryEstimator.Estimate(job).Terms.Single(term => term.Kind == TermKind.Logits);
        Assert.Contains("litgpt", term.Source, StringComparison.Ordinal);
        Assert.Contains("10 B", term.Numbers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Trainer.HuggingFace, "4.40", 12)] // 2.75 GB more for each sequence of 4096 that Mistral 7B trains adapters on: cases.reports.jsonl, fms-mistral-lora
    [InlineData(Trainer.HuggingFace, "5.8", 12)]
    [InlineData(Trainer.PlainLoop, "4.40", 16)] // and the fp32 logits that it holds
    [InlineData(Trainer.PlainLoop, "5.8", 14)] // in 16 bits
    public void A_trainer_has_dropped_the_logits_when_backward_begins(Trainer trainer, string version, int bytes)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Trainer = trainer, TrainerVersion = version, Precision = Precision.BF16 } };
        Assert.Equal(Ratio.Whole(bytes), LogitsMemory.PerLogit(new RankContext(job, 0)).Expected);
    }

    private static long Logits(LossKernel loss) =>
        LogitsMemory.Of(new RankContext(Job with { Training = Job.Training with { Loss = loss } }, 0)).Expected;
}
