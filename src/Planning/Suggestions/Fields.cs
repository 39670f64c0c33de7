using System.Text.Json.Nodes;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Suggestions;

/// <summary>The fields that suggestions set, each with its path, its value and what it does to a request, in one place.</summary>
internal static class Fields
{
    public static Change<PlanRequest> Attention(AttentionKernel kernel) => Train("training.attention", kernel, training => training with { Attention = kernel });

    public static Change<PlanRequest> Loss(LossKernel kernel) => Train("training.loss", kernel, training => training with { Loss = kernel });

    public static Change<PlanRequest> MicroBatchSize(long sequences) =>
        new("training.microBatchSize", () => sequences, request => With(request, training => training with { MicroBatchSize = sequences }));

    public static Change<PlanRequest> Framework(TrainingFramework framework) => Train("training.framework", framework, training => training with { Framework = framework });

    public static Change<PlanRequest> Recompute(Recompute recompute) => Train("training.recompute", recompute, training => training with { Recompute = recompute });

    public static Change<PlanRequest> NoRecomputeModules() =>
        new("training.recomputeModules", () => new JsonArray(), request => With(request, training => training with { RecomputeModules = RecomputeModules.None }));

    public static Change<PlanRequest> NoRecomputeLayers() =>
        new("training.recomputeLayers", () => null, request => With(request, training => training with { RecomputeLayers = null }));

    public static Change<PlanRequest> Optimizer(Optimizer optimizer) => Train("training.optimizer", optimizer, training => training with { Optimizer = optimizer });

    public static Change<PlanRequest> UsualMoments() =>
        new("training.dataTypes.moments", () => null, request => With(request, training => training with { DataTypes = training.DataTypes is { } types ? types with { Moments = null } : null }));

    /// <summary>With adapters as the author described them, or the usual ones.</summary>
    public static Change<PlanRequest> Method(TrainingMethod method) => Train("training.method", method, training => training with { Method = method, Lora = training.Lora ?? new LoraSpec() });

    public static Change<PlanRequest> EngineSleeps() => new("training.rollout.engineSleeps", () => true, request => Roll(request, rollout => rollout with { EngineSleeps = true }));

    public static Change<PlanRequest> EngineMemoryPercent(int percent) =>
        new("training.rollout.engineMemoryPercent", () => percent, request => Roll(request, rollout => rollout with { EngineMemoryPercent = percent }));

    public static Change<PlanRequest> EngineTensor(int degree) => new("training.rollout.engineTensor", () => degree, request => Roll(request, rollout => rollout with { EngineTensor = degree }));

    public static Change<PlanRequest> Sharding(Sharding sharding) =>
        new("parallelism.sharding", () => sharding.ToString(), request => With(request, layout => layout with { Sharding = sharding }));

    public static Change<PlanRequest> SequenceParallel() =>
        new("parallelism.sequenceParallel", () => true, request => With(request, layout => layout with { SequenceParallel = true }));

    public static Change<PlanRequest> NoSequenceParallel() =>
        new("parallelism.sequenceParallel", () => false, request => With(request, layout => layout with { SequenceParallel = false }));

    public static Change<PlanRequest> Tensor(int degree) => new("parallelism.tensor", () => degree, request => With(request, layout => layout with { Tensor = degree }));

    public static Change<PlanRequest> Context(int ranks) => new("parallelism.context", () => ranks, request => With(request, layout => layout with { Context = ranks }));

    public static Change<PlanRequest> Pipeline(int stages) => new("parallelism.pipeline", () => stages, request => With(request, layout => layout with { Pipeline = stages }));

    public static Change<PlanRequest> Data(int ranks) => new("parallelism.data", () => ranks, request => With(request, layout => layout with { Data = ranks }));

    public static Change<PlanRequest> Pools(params string[] names) =>
        new("placement.pools", () => new JsonArray([.. names.Select(name => (JsonNode)name)]), request => request with { Pools = names });

    private static Change<PlanRequest> Train<T>(string path, T value, Func<TrainingSpec, TrainingSpec> turn)
        where T : struct, Enum => new(path, () => value.ToString(), request => With(request, turn));

    private static PlanRequest Roll(PlanRequest request, Func<RolloutSpec, RolloutSpec> turn) =>
        With(request, training => training with { Rollout = turn(training.Rollout ?? new RolloutSpec()) });

    private static PlanRequest With(PlanRequest request, Func<TrainingSpec, TrainingSpec> turn) => request with { Job = request.Job with { Training = turn(request.Job.Training) } };

    private static PlanRequest With(PlanRequest request, Func<ParallelismSpec, ParallelismSpec> turn) => request with { Job = request.Job with { Parallelism = turn(request.Job.Parallelism) } };
}
