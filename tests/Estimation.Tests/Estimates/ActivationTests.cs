using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class ActivationTests
{
    [Theory]
    [InlineData("Llama-3.1-8B", true, 139_392)]
    [InlineData("Llama-2-7B", true, 131_712)]
    [InlineData("Llama-3.1-70B", true, 274_688)]
    [InlineData("Qwen2.5-7B", true, 158_832)]
    [InlineData("Mistral-7B-v0.1", true, 139_392)]
    [InlineData("Llama-2-7B", false, 194_688)]
    [InlineData("Llama-3.1-8B", false, 221_312)]
    [InlineData("Llama-3.1-70B", false, 442_624)]
    public void A_layer_keeps_its_bytes_per_token(string name, bool fused, long bytes)
    {
        var job = Example.Job(Example.Model(name), sequenceLength: 1, recompute: Recompute.None);
        Assert.Equal(bytes, Activations(job with { Training = job.Training with { FusedKernels = fused } }).OneLayer.Expected);
    }

    [Fact]
    public void Per_operator_selection_keeps_under_half() =>
        Assert.Equal(63_616, Activations(Example.Job(Example.Llama8B, sequenceLength: 1, recompute: Recompute.Selective)).Stored.Expected / 32);

    [Theory]
    [InlineData(1, false, AttentionKernel.Eager, Recompute.None, 2_868_903_936)]
    [InlineData(8, false, AttentionKernel.Eager, Recompute.None, 578_813_952)]
    [InlineData(8, true, AttentionKernel.Eager, Recompute.None, 358_612_992)]
    [InlineData(8, false, AttentionKernel.Eager, Recompute.Selective, 327_155_712)]
    [InlineData(8, true, AttentionKernel.Eager, Recompute.Selective, 106_954_752)]
    [InlineData(1, false, AttentionKernel.Flash, Recompute.Full, 50_331_648)]
    public void A_GPT_layer_keeps_what_Korthikanti_counts(int tensor, bool sequenceParallel, AttentionKernel attention, Recompute recompute, long bytes)
    {
        // arXiv 2205.05198, table 2, for 175 billion parameters, sequences of 2048.
        var job = Example.Job(Example.Gpt175B, TrainingFramework.Megatron, sharding: Sharding.None, sequenceLength: 2048, recompute: recompute);
        job = job with
        {
            Training = job.Training with { Attention = attention },
            Parallelism = job.Parallelism with { Tensor = tensor, SequenceParallel = sequenceParallel },
        };
        Assert.Equal(bytes, Activations(job).Stored.Expected / 96);
    }

    [Theory]
    [InlineData(1, false, 34.03)]
    [InlineData(2, true, 17.02)]
    [InlineData(4, true, 8.51)]
    [InlineData(8, true, 4.25)]
    [InlineData(8, false, 11.25)]
    public void Tensor_parallelism_divides_hidden_tensors_only_with_sequence_parallelism(int tensor, bool sequenceParallel, double gib)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.None, recompute: Recompute.None);
        job = job with { Parallelism = job.Parallelism with { Tensor = tensor, SequenceParallel = sequenceParallel } };
        Assert.Equal(gib, new Bytes(Activations(job).Stored.Expected).GiB, tolerance: 0.01);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public void A_stage_keeps_one_micro_batch_for_each_stage_from_it_to_the_last(int stage, int inFlight)
    {
        var whole = Activations(Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.None)).Stored.Expected;
        var job = Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.None, pipeline: 4);
        Assert.Equal(whole / 4 * inFlight, new ActivationMemory(new RankContext(job, stage)).Stored.Expected);
    }

    [Fact]
    public void Context_parallelism_divides_tokens()
    {
        var one = Example.Job(Example.Llama8B);
        var four = Example.Job(Example.Llama8B, sequenceLength: 4 * 8192) with { Parallelism = new() { Context = 4, Sharding = Sharding.Full } };
        Assert.Equal(Activations(one).Stored, Activations(four).Stored);
    }

    [Theory]
    [InlineData(TrainingFramework.Megatron)]
    [InlineData(TrainingFramework.PyTorchFSDP)]
    public void A_layer_with_a_state_has_no_scores_that_a_selection_could_leave_out(TrainingFramework framework)
    {
        var job = Example.Job(Example.Model("mistralai/Mamba-Codestral-7B-v0.1"), framework, sharding: Sharding.None, recompute: Recompute.Selective);
        var (flash, eager) = (Activations(job).Stored.Expected, Activations(job with { Training = job.Training with { Attention = AttentionKernel.Eager } }).Stored.Expected);
        Assert.True(flash > 0 && eager >= flash, $"{flash} with flash attention, {eager} without");
    }

    [Fact]
    public void Logits_of_a_plain_loss_take_twelve_bytes_each()
    {
        var rank = new RankContext(Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None), 0);
        Assert.Equal(12_608_077_824, LogitsMemory.PerLogit(rank).Expected.Of(rank.Tokens * rank.Shape.Vocabulary));
    }

    [Fact]
    public void Megatron_keeps_six_bytes_of_each_local_logit()
    {
        var rank = new RankContext(Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.None, tensor: 8), 0);
        Assert.Equal(0.73, new Bytes(LogitsMemory.PerLogit(rank).Expected.Of(rank.Tokens * rank.Shape.Vocabulary)).GiB, tolerance: 0.01);
    }

    private static ActivationMemory Activations(JobSpec job) => new(new RankContext(job, 0));
}
