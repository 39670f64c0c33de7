using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Calibration;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Calibration;

public sealed class AllocatorSlackTests
{
    [Theory]
    [InlineData(TrainingFramework.DeepSpeed, Sharding.Full, AllocatorUse.DeepSpeed)]
    [InlineData(TrainingFramework.Megatron, Sharding.None, AllocatorUse.Megatron)]
    [InlineData(TrainingFramework.Nanotron, Sharding.None, AllocatorUse.Nanotron)]
    [InlineData(TrainingFramework.DDP, Sharding.None, AllocatorUse.Undivided)]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Full, AllocatorUse.TensorPerParameter)]
    public void The_framework_decides_how_the_allocator_is_used(TrainingFramework framework, Sharding sharding, AllocatorUse use) =>
        Assert.Equal(use, MemoryEstimator.Estimate(Example.Job(Example.Llama8B, framework, data: 8, sharding: sharding)).AllocatorUse);

    [Theory]
    [InlineData(2, TrainingMethod.Full, true, AllocatorUse.CompiledTensorPerParameter)]
    [InlineData(2, TrainingMethod.LoRA, false, AllocatorUse.TensorPerParameter)]
    [InlineData(1, TrainingMethod.Full, true, AllocatorUse.FlatParameters)]
    [InlineData(1, TrainingMethod.LoRA, false, AllocatorUse.FlatParametersWithAdapters)]
    public void Under_FSDP_its_version_the_method_and_the_compiler_do(int version, TrainingMethod method, bool fused, AllocatorUse use)
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        job = job with
        {
            Training = job.Training with { Method = method, FusedKernels = fused },
            Parallelism = job.Parallelism with { FsdpVersion = version },
        };

        Assert.Equal(use, MemoryEstimator.Estimate(job).AllocatorUse);
    }

    /// <summary>Qwen2.5-7B under ZeRO-3 with 16,384 tokens of Liger's loss on each of four GPUs: 43 GiB (modelscope/ms-swift examples/train/flash_attention_3/transformers.sh).</summary>
    [Fact]
    public void Segments_that_grow_leave_little_between_buffers_of_many_sizes()
    {
        var job = Example.Job(Example.Model("Qwen/Qwen2.5-7B"), TrainingFramework.DeepSpeed, data: 4, sharding: Sharding.Full);
        job = job with { Training = job.Training with { Trainer = Trainer.HuggingFace, SequenceLength = 16_384, MicroBatchSize = 1, Recompute = Recompute.Full, Loss = LossKernel.Fused, ExpandableSegments = true } };

        var estimate = MemoryEstimator.Estimate(job);
        Assert.Equal(AllocatorUse.ExpandableSegments, estimate.AllocatorUse);
        Assert.InRange(estimate.Expected.GiB, 41.5, 44.5);
        Assert.Equal(AllocatorUse.Megatron, MemoryEstimator.Estimate(Example.Job(Example.Llama8B, TrainingFramework.Megatron, data: 8)).AllocatorUse);
        Assert.Equal(AllocatorUse.TensorPerParameter, Grown(Example.Job(Example.Llama8B, data: 8)));
    }

    private static AllocatorUse? Grown(JobSpec job) => MemoryEstimator.Estimate(job with { Training = job.Training with { ExpandableSegments = true } }).AllocatorUse;

    [Theory]
    [InlineData(InferenceEngine.HuggingFace, AllocatorUse.Serving)]
    [InlineData(InferenceEngine.VLLM, null)]
    public void An_engine_that_claims_its_memory_at_start_has_no_slack(InferenceEngine engine, AllocatorUse? use)
    {
        var spec = new InferenceSpec { Model = Example.Llama8B, InputLength = 4096, Engine = engine };

        Assert.Equal(use, InferenceEstimator.Estimate(spec).AllocatorUse);
    }

    [Fact]
    public void Slack_is_a_share_of_what_is_used_rounded_up() =>
        Assert.Equal(new Amount(9, 21), AllocatorSlack.Of(AllocatorUse.Undivided).Over(new Amount(101, 101)));
}
