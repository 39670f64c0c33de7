using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>Reinforcement learning with an inference engine on the GPUs that train.</summary>
public sealed class ColocatedEngineTests
{
    [Fact]
    public void What_the_engine_takes_is_not_there_for_a_step_and_sleeping_gives_it_back()
    {
        var request = Job(new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 50 }).Fixed();
        var pool = Pools.Fitting(request.Job.Estimate());

        var plan = Planner.Plan(request, [pool]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        Assert.Contains("beside the generation engine's 50 %", VerdictText.Sentence(plan), StringComparison.Ordinal);
        var sleeps = plan.Suggestions.Single(suggestion => suggestion.Changes is [{ Path: "training.rollout.engineSleeps" }]);
        Assert.Equal(Verdict.Fits, Planner.Plan(request.With(sleeps), [pool]).Verdict);
    }

    [Fact]
    public void An_engine_whose_weights_exceed_its_share_is_told_and_given_more()
    {
        var request = Job(new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 10, EngineSleeps = true }).Fixed();
        var plan = Planner.Plan(request, [Pools.Of(Bytes.FromGiB(140))]);

        Assert.Equal(Verdict.DoesNotFit, plan.Verdict);
        Assert.Contains("10 % are 14.0 GiB, and its weights alone 15.0 GiB", VerdictText.Sentence(plan), StringComparison.Ordinal);
        Assert.Contains("Fix: training.rollout.engineMemoryPercent=20", VerdictText.Full(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_elsewhere_changes_nothing()
    {
        var alone = Job(null);
        Assert.Equal(Verdict.Fits, Planner.Plan(Job(new RolloutSpec()).Fixed(), [Pools.Fitting(alone.Estimate())]).Verdict);
    }

    private static JobSpec Job(RolloutSpec? rollout) => Jobs.Sharded.WithData(8).Training(training => training with
    {
        Trainer = Trainer.HuggingFace, Objective = TrainingObjective.GRPO, Rollout = rollout, Recompute = Recompute.Full, SequenceLength = 2048,
    });
}
