using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class ValidationTests
{
    [Fact]
    public void A_sound_job_has_no_problems() => Assert.Empty(MemoryEstimator.Validate(Example.Job(Example.Llama8B, data: 8)));

    [Fact]
    public void A_tensor_degree_that_does_not_divide_the_heads_names_those_that_do() => AssertProblem(
        Example.Job(Example.Llama8B, tensor: 3),
        "parallelism.tensor",
        "32 attention heads cannot be divided by tensor 3; use 1, 2, 4, 8, 16 or 32");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000_000_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_sequence_length_out_of_bounds_is_a_problem(long length) =>
        AssertProblem(Example.Job(Example.Llama8B, sequenceLength: length), "training.sequenceLength", "tokens");

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    [InlineData(int.MinValue)]
    public void A_degree_out_of_bounds_is_a_problem(int degree) =>
        AssertProblem(Example.Job(Example.Llama8B, data: degree), "parallelism.data", "1 (off)");

    [Fact]
    public void More_GPUs_than_exist_are_a_problem() =>
        AssertProblem(Example.Job(Example.Llama8B, data: 1_000_000, tensor: 32), "parallelism", "32000000 GPUs");

    [Fact]
    public void A_model_with_other_layers_than_it_is_made_of_is_a_problem()
    {
        var model = ModelCatalogue.All.First(model => model.Parts is not null);
        AssertProblem(Example.Job(model with { Layers = model.Layers + 1 }), "model", $"lists {model.Layers}");
    }

    [Fact]
    public void Experts_of_a_dense_model_are_a_problem() => AssertProblem(
        Example.Job(Example.Llama8B) with { Parallelism = new() { Expert = 8 } }, "parallelism.expert", "no experts");

    [Fact]
    public void Sequence_parallelism_needs_tensor_parallelism() => AssertProblem(
        Example.Job(Example.Llama8B) with { Parallelism = new() { SequenceParallel = true } }, "parallelism.sequenceParallel", "tensor is 1");

    [Fact]
    public void A_sequence_must_divide_into_two_chunks_per_context_rank() => AssertProblem(
        Example.Job(Example.Llama8B, sequenceLength: 8190) with { Parallelism = new() { Context = 4 } }, "parallelism.context", "8192");

    [Fact]
    public void Megatron_divides_layers_unevenly_when_it_is_told_to_and_the_estimate_says_so() => Assert.Contains(
        MemoryEstimator.Estimate(Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.Optimizer, pipeline: 5)).Assumptions,
        said => said.StartsWith("The layers do not divide by pipeline", StringComparison.Ordinal));

    [Fact]
    public void More_stages_than_layers_are_a_problem() =>
        AssertProblem(Example.Job(Example.Llama8B, pipeline: 33), "parallelism.pipeline", "at most 32");

    [Fact]
    public void A_global_batch_must_be_a_multiple_of_what_one_pass_takes()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        AssertProblem(job with { Training = job.Training with { GlobalBatchSize = 100 } }, "training.globalBatchSize", "use 104");
    }

    [Theory]
    [InlineData(TrainingFramework.DDP, Sharding.Full, 1)]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Optimizer, 1)]
    [InlineData(TrainingFramework.DeepSpeed, Sharding.Gradients, 2)]
    public void Sharding_that_the_framework_does_not_have_is_a_problem(TrainingFramework framework, Sharding sharding, int pipeline) =>
        AssertProblem(Example.Job(Example.Llama8B, framework, 8, sharding, pipeline: pipeline), "parallelism.sharding", "use");

    [Fact]
    public void An_unknown_adapter_target_names_the_known_ones()
    {
        var training = new TrainingSpec { Method = TrainingMethod.LoRA, SequenceLength = 512, Lora = new LoraSpec { TargetModules = ["q_proj", "nonsense"] } };
        AssertProblem(new JobSpec { Model = Example.Llama8B, Training = training }, "training.lora.targetModules", "'nonsense' is not known; use all-linear, q_proj");
    }

    [Fact]
    public void A_job_too_large_for_any_number_is_a_problem_and_not_a_small_number()
    {
        var training = new TrainingSpec { SequenceLength = JobLimits.MaxSequenceLength, MicroBatchSize = JobLimits.MaxMicroBatchSize, Attention = AttentionKernel.Eager };
        AssertProblem(new JobSpec { Model = Example.Llama8B, Training = training }, "training", "8 EiB");
    }

    [Fact]
    public void Estimating_a_job_with_problems_names_them_all()
    {
        var exception = Assert.Throws<InvalidJobException>(() => MemoryEstimator.Estimate(Example.Job(Example.Llama8B, sequenceLength: 0, data: 0)));
        Assert.Equal(2, exception.Problems.Count);
    }

    private static void AssertProblem(JobSpec job, string path, string text)
    {
        var problems = MemoryEstimator.Validate(job);
        Assert.Contains(problems, problem => problem.Path == path && problem.Message.Contains(text, StringComparison.Ordinal));
        Assert.Throws<InvalidJobException>(() => MemoryEstimator.Estimate(job));
    }

    [Fact]
    public void Choices_are_numbered_from_nought_on()
    {
        // What is no choice is found by its number.
        var choices = typeof(TrainingSpec).Assembly.GetExportedTypes().Where(type => type.IsEnum && !type.IsDefined(typeof(FlagsAttribute), inherit: false));
        Assert.All(choices, type => Assert.Equal(Enumerable.Range(0, Enum.GetValues(type).Length), Enum.GetValues(type).Cast<object>().Select(value => (int)value)));
    }
}
