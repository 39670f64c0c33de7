using System.Text.Json.Nodes;
using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>Preference and reinforcement learning: what their losses keep, and the engine that generates beside them.</summary>
public sealed class ObjectiveTests
{
    private static readonly JobSpec Job = new()
    {
        Model = Example.Llama8B,
        Training = new TrainingSpec
        {
            Framework = TrainingFramework.HuggingFace, Trainer = Trainer.HuggingFace, SequenceLength = 2048, MicroBatchSize = 4, Objective = TrainingObjective.GRPO, Precision = Precision.BF16,
        },
    };

    [Fact]
    public void Log_probabilities_of_given_tokens_take_what_real_torch_takes()
    {
        var measured = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "oracle", "losses", "log_probabilities.json")))!["losses"]!.AsArray();
        Assert.All(measured, loss =>
        {
            var precision = (string)loss!["precision"]! switch { "bf16" => Precision.BF16, "autocast" => Precision.BF16Mixed, _ => Precision.FP32 };
            var rank = new RankContext(With(training => training with { Precision = precision, MicroBatchSize = (long)loss["rows"]! }), 0);
            var expected = LogitsMemory.PerLogit(rank).Expected;

            // The hidden states and their gradient are measured with the logits: at most an eighth of a byte for each.
            Assert.InRange((double)loss["bytes"]! - ((double)expected.Numerator / expected.Denominator), -0.01, 0.26);
        });
    }

    [Fact]
    public void A_loss_over_chunks_of_tokens_takes_what_real_torch_takes()
    {
        const long vocabulary = 128_256;
        var measured = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "oracle", "losses", "chunked_loss.json")))!["losses"]!.AsArray();
        Assert.All(measured, loss =>
        {
            var precision = (string)loss!["precision"]! switch { "bf16" => Precision.BF16, "autocast" => Precision.BF16Mixed, _ => Precision.FP32 };
            var method = (bool)loss["trained"]! ? TrainingMethod.Full : TrainingMethod.LoRA;

            // Frozen weights that autocast casts are said to be fp32: those of a mixed recipe are 16-bit.
            var types = precision == Precision.BF16Mixed && method == TrainingMethod.LoRA ? new DataTypes { Weights = DataType.FP32 } : null;
            Amount Of(long tokens) => LogitsMemory.Of(new RankContext(With(training => training with
            {
                Trainer = Trainer.TRL, Objective = TrainingObjective.SFT, Loss = LossKernel.Chunked, Precision = precision, Method = method, DataTypes = types, SequenceLength = tokens, MicroBatchSize = 1,
            }), 0));

            // Beyond a chunk a token adds its hidden states alone.
            var perToken = (Of(1280).Expected - Of(256).Expected) / 1024;
            Assert.InRange(perToken, 0, 64 * 1024);
            Assert.Equal((double)loss["perChunkLogit"]!, (Of(256).Expected - Of(128).Expected - (128 * perToken)) / (128d * vocabulary), 0.1);

            var weights = Of(256).Expected - (256 * perToken) - (256 * vocabulary * (double)loss["perChunkLogit"]!);
            Assert.Equal((double)loss["perWeight"]!, weights / (4096 * vocabulary), 0.15);
        });
    }

    [Fact]
    public void Logits_are_made_for_completions_only()
    {
        var whole = Logits(new RolloutSpec());
        Assert.Equal(4 * 4 * 1536 * 128_256L, whole - Logits(new RolloutSpec { CompletionLength = 512 }));

        static long Logits(RolloutSpec rollout) => LogitsMemory.Of(new RankContext(With(training => training with { Rollout = rollout }), 0)).Expected;
    }

    [Fact]
    public void Whoever_is_compared_with_others_of_its_group_needs_one_and_whole_groups()
    {
        Assert.Equal("training.rollout.groupSize", Problem(training => training with { Rollout = new RolloutSpec { GroupSize = 1 } }).Path);
        Assert.Contains("12 cannot be divided into groups of 8", Problem(training => training with { GlobalBatchSize = 12, Rollout = new RolloutSpec() }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrainingObjective.DPO, "training.rollout", "training.objective DPO generates nothing")]
    [InlineData(TrainingObjective.GRPO, "training.rollout.completionLength", "training.sequenceLength")]
    public void What_contradicts_names_both_fields_and_the_way_out(TrainingObjective objective, string path, string says)
    {
        var problem = Problem(training => training with { Objective = objective, Rollout = new RolloutSpec { CompletionLength = objective == TrainingObjective.GRPO ? 4096 : 1024 } });
        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_without_such_a_loss_is_named_with_one_that_has_it()
    {
        var problem = Problem(training => training with { Trainer = Trainer.LitGPT, Framework = TrainingFramework.DDP });
        Assert.Contains("training.trainer LitGPT has no GRPO; use trainer HuggingFace", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_colocated_engine_needs_its_weights_and_training_keeps_its_own_meanwhile()
    {
        var engine = MemoryEstimator.Estimate(With(training => training with { Rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineTensor = 2 } })).Engine!;

        // Two bytes of weights over two GPUs. In training weights 2 and moments 2 + 2; gradients are gone between steps, the context of 0.6 GiB is not.
        Assert.Equal(8_030_261_248, engine.Weights.Value);
        Assert.Equal((6 * 8_030_261_248) + (Bytes.PerGiB * 6 / 10), engine.Beside.Value);
    }

    [Fact]
    public void Weights_of_four_bits_are_half_a_byte_each()
    {
        var rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineWeights = DataType.NVFP4 };
        Assert.Equal(8_030_261_248 / 2, MemoryEstimator.Estimate(With(training => training with { Rollout = rollout })).Engine!.Weights.Value);
    }

    [Fact]
    public void Weights_that_engine_and_training_share_are_there_once()
    {
        var shares = MemoryEstimator.Estimate(With(training => training with
        {
            Trainer = Trainer.Unsloth, Method = TrainingMethod.QLoRA, Rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 50 },
        }));
        var (engine, memory) = (shares.Engine!, Bytes.FromGiB(24));
        Assert.Equal(shares.Size(TermKind.Weights), engine.Weights);
        Assert.Equal(Bytes.FromGiB(12) + engine.Weights, engine.LeavesTraining(memory));
        Assert.Null(engine.Problem(memory));
    }

    [Theory]
    [InlineData(30, false, 80, null, 56)]
    [InlineData(30, true, 80, null, 80)]
    [InlineData(10, true, 80, "its weights alone 15.0 GiB", 80)]
    [InlineData(60, true, 80, "training keeps 45.5 GiB", 80)]
    public void An_engine_leaves_training_a_part_of_the_GPU_or_sleeps(int percent, bool sleeps, int gib, string? problem, int leaves)
    {
        var rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = percent, EngineSleeps = sleeps };
        var engine = MemoryEstimator.Estimate(With(training => training with { Rollout = rollout })).Engine!;
        Assert.Equal(leaves, engine.LeavesTraining(Bytes.FromGiB(gib)).GiB, tolerance: 0.001);
        if (problem is null)
            Assert.Null(engine.Problem(Bytes.FromGiB(gib)));
        else
            Assert.Contains(problem, engine.Problem(Bytes.FromGiB(gib)), StringComparison.Ordinal);
    }

    private static JobSpec With(Func<TrainingSpec, TrainingSpec> change) => Job with { Training = change(Job.Training) };

    private static JobProblem Problem(Func<TrainingSpec, TrainingSpec> change) => MemoryEstimator.Validate(With(change))[0];
}
