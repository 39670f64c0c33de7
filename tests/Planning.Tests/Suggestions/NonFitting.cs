using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning.Tests.Suggestions;

/// <summary>Jobs at random for which there is not enough memory as they are, or only with luck, some of them with open fields.</summary>
public static class NonFitting
{
    private const int MostPools = 8;

    public static Arbitrary<Case> Cases => Case.Where(HasTooLittle).ToArbitrary();

    private static Gen<Case> Case =>
        from given in Random.Cases.Generator
        from open in Gen.Frequency((5, Gen.Constant(OpenFields.None)), (1, Gen.Elements(OpenFields.Tensor, OpenFields.Sharding, OpenFields.Recompute, OpenFields.MicroBatchSize)))
        from engine in Gen.Frequency((5, Gen.Constant<RolloutSpec?>(null)), (1, Gen.Choose(1, 9).Select(tenths => (RolloutSpec?)new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = tenths * 10, CompletionLength = 256 })))
        let training = engine is null ? given.Request.Job.Training : given.Request.Job.Training with { Objective = TrainingObjective.GRPO, Rollout = engine }
        select given with { Pools = [.. given.Pools.Take(MostPools)], Request = given.Request with { Open = given.Request.Open | open, Job = given.Request.Job with { Training = training } } };

    private static bool HasTooLittle(Case given) => Planner.Plan(given.Request, given.Pools).Verdict is Verdict.AtRisk or Verdict.DoesNotFit or Verdict.Impossible;
}
