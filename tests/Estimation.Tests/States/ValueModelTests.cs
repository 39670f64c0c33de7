using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.States;

/// <summary>PPO: a value model that is trained beside the policy, and a reward model that scores.</summary>
public sealed class ValueModelTests
{
    private const long Parameters = 8_030_261_248, OutputMatrix = 128_256L * 4096, Value = Parameters - OutputMatrix;

    [Fact]
    public void In_turn_it_keeps_weights_and_states_and_leaves_no_gradients()
    {
        // fp32 shards: weights 4, moments 4 + 4, over 8 ranks.
        var estimate = With(Fsdp, training => training with { ValueTraining = ValueTraining.InTurn });
        Assert.Equal(12 * Value / 8, estimate.Size(TermKind.ValueModel).Value, tolerance: 8);
        Assert.Equal(MemoryEstimator.Estimate(Fsdp).Expected.Value + (12 * Value / 8 * 102 / 100), estimate.Expected.Value, tolerance: 1 << 20);
    }

    [Fact]
    public void Under_DeepSpeed_its_gradients_stay()
    {
        // ZeRO-2 in bf16: weights 2 whole; master 4, moments 8 and gradients 2 over 8 ranks.
        var job = Example.Job(Example.Llama8B, TrainingFramework.DeepSpeed, data: 8, Sharding.Gradients);
        var estimate = With(job, training => training with { ValueTraining = ValueTraining.InTurn });
        Assert.Equal((2 * Value) + (14 * Value / 8), estimate.Size(TermKind.ValueModel).Value, tolerance: 64);
    }

    [Fact]
    public void Together_both_keep_their_activations_until_backward_and_both_have_gradients()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Precision = Precision.BF16, Recompute = Recompute.Full, SequenceLength = 4096, Objective = TrainingObjective.PPO, Trainer = Trainer.TRL } };
        var rank = new RankContext(job with { Training = job.Training with { ValueTraining = ValueTraining.Together } }, 0);
        var memory = new RankMemory(rank);

        // Inputs of 32 layers, of two models.
        memory.In(Phase.Loss, out var terms);
        Assert.Equal(2L * 2 * 4096 * 4096 * 32, terms[TermKind.Activations].Expected);
        Assert.Equal(6 * Value, terms[TermKind.ValueModel].Expected);

        // In the step: weights 2, moments 2 + 2 and the gradient 2.
        memory.In(Phase.OptimizerStep, out terms);
        Assert.Equal(8 * Value, terms[TermKind.ValueModel].Expected);
    }

    [Fact]
    public void Without_recomputation_the_hidden_states_of_both_are_held_besides()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Precision = Precision.BF16, Recompute = Recompute.None, Objective = TrainingObjective.PPO, Trainer = Trainer.TRL } };
        var tokens = job.Training.SequenceLength;
        Assert.Equal(2 * (Stored(job, null) + (2L * 4096 * tokens * 32)), Stored(job, ValueTraining.Together));

        static long Stored(JobSpec job, ValueTraining? when)
        {
            var rank = new RankContext(job with { Training = job.Training with { ValueTraining = when } }, 0);
            new RankMemory(rank).In(Phase.Loss, out var terms);
            return terms[TermKind.Activations].Expected;
        }
    }

    [Fact]
    public void Adapters_of_the_policy_leave_a_value_model_of_the_same_pass_whole()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        job = job with { Training = job.Training with { Precision = Precision.BF16, Method = TrainingMethod.LoRA } };
        var together = With(job, training => training with { ValueTraining = ValueTraining.Together });
        Assert.True(together.Size(TermKind.ValueModel).Value >= 6 * Value);

        // In turn it is trained as the policy is: frozen weights 2 B, adapters of 41,943,040 with their states.
        var inTurn = With(job, training => training with { ValueTraining = ValueTraining.InTurn });
        Assert.InRange(inTurn.Size(TermKind.ValueModel).Value, 2 * Value, (2 * Value) + (16L * 41_943_040));
    }

    [Theory]
    [InlineData(ValueTraining.Separate)]
    [InlineData(ValueTraining.Shared)]
    public void Elsewhere_or_on_the_policy_s_layers_it_takes_nothing(ValueTraining when) =>
        Assert.Equal(Bytes.Zero, With(Fsdp, training => training with { ValueTraining = when }).Size(TermKind.ValueModel));

    [Fact]
    public void A_reward_model_is_frozen_and_has_no_output_matrix()
    {
        var estimate = With(Fsdp, training => training with { RewardModel = true });
        Assert.Equal(2 * Value / 8, estimate.Size(TermKind.RewardModel).Value, tolerance: 8);
        Assert.Equal("2 B · 7,504,924,672 / 8", estimate.Terms.Single(term => term.Kind == TermKind.RewardModel).Numbers);
    }

    [Fact]
    public void What_leaves_between_steps_waits_on_the_host_and_leaves_the_engine_the_GPU()
    {
        var rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineSleeps = true };
        var stays = With(Fsdp, training => training with { ValueTraining = ValueTraining.InTurn, Rollout = rollout });
        var leaves = With(Fsdp, training => training with { ValueTraining = ValueTraining.InTurn, Rollout = rollout, Offload = new OffloadSpec { BetweenSteps = true } });

        Assert.Equal(Bytes.Zero, leaves.Size(TermKind.ValueModel));
        Assert.Equal(12 * (Parameters + Value), leaves.HostMemoryPerNode.Value, tolerance: 128);
        Assert.Equal(12 * (Parameters + Value) / 8, stays.Engine!.Beside.Value - leaves.Engine!.Beside.Value, tolerance: 16);
    }

    [Fact]
    public void Logits_are_made_for_prompts_too()
    {
        var whole = With(Fsdp, training => training);
        var cut = With(Fsdp, training => training with { Rollout = new RolloutSpec { CompletionLength = 128, GroupSize = 1 } });
        Assert.Equal(whole.Size(TermKind.Logits), cut.Size(TermKind.Logits));
    }

    [Fact]
    public void A_value_model_is_explained_as_it_is_added_up()
    {
        var estimate = With(Fsdp, training => training with { ValueTraining = ValueTraining.InTurn });
        var term = estimate.Terms.Single(term => term.Kind == TermKind.ValueModel);
        Assert.StartsWith("4 B · 7,504,924,672 / 8 + ", term.Numbers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrainingObjective.GRPO, ValueTraining.InTurn, false, null, "training.valueTraining", "training.objective GRPO trains no value model")]
    [InlineData(TrainingObjective.PPO, ValueTraining.InTurn, false, Trainer.TRL, "training.valueTraining", "training.trainer TRL trains a value model Together, not InTurn")]
    [InlineData(TrainingObjective.PPO, ValueTraining.Together, false, Trainer.Verl, "training.valueTraining", "another trainer such as TRL")]
    [InlineData(TrainingObjective.PPO, ValueTraining.Together, true, null, "training.offload.betweenSteps", "use valueTraining InTurn")]
    [InlineData(TrainingObjective.GRPO, null, false, Trainer.LLaMAFactory, "training.objective", "training.trainer LLaMAFactory has no GRPO")]
    [InlineData(TrainingObjective.PPO, null, false, Trainer.Axolotl, "training.objective", "training.trainer Axolotl has no PPO")]
    public void What_contradicts_names_both_fields_and_the_way_out(
        TrainingObjective objective, ValueTraining? when, bool leaves, Trainer? trainer, string path, string says)
    {
        var problem = MemoryEstimator.Validate(Fsdp with
        {
            Training = Fsdp.Training with { Objective = objective, ValueTraining = when, Trainer = trainer, Offload = new OffloadSpec { BetweenSteps = leaves } },
        })[0];
        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_nobody_generated_are_not_scored()
    {
        var problem = MemoryEstimator.Validate(Fsdp with { Training = Fsdp.Training with { Objective = TrainingObjective.DPO, RewardModel = true } })[0];
        Assert.Equal("training.rewardModel", problem.Path);
        Assert.Contains("use objective PPO, GRPO or RLOO", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_completion_of_a_prompt_is_enough_for_PPO() =>
        Assert.Empty(MemoryEstimator.Validate(Fsdp with { Training = Fsdp.Training with { GlobalBatchSize = 24, Rollout = new RolloutSpec { GroupSize = 1 } } }));

    private static JobSpec Fsdp
    {
        get
        {
            var job = Example.Job(Example.Llama8B, data: 8);
            return job with { Training = job.Training with { Objective = TrainingObjective.PPO, Recompute = Recompute.Full } };
        }
    }

    private static Estimate With(JobSpec job, Func<TrainingSpec, TrainingSpec> change) =>
        MemoryEstimator.Estimate(job with { Training = change(job.Training with { Objective = TrainingObjective.PPO }) });
}
