using System.Globalization;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Tests;

/// <summary>Does what a person does with a suggestion: writes each value into its field.</summary>
internal static class Applied
{
    public static PlanRequest With(this PlanRequest request, Suggestion suggestion) => suggestion.Changes.Aggregate(request, With);

    private static PlanRequest With(PlanRequest request, Change change) => change.Path switch
    {
        "training.attention" => Train(request, training => training with { Attention = Name<AttentionKernel>(change) }),
        "training.loss" => Train(request, training => training with { Loss = Name<LossKernel>(change) }),
        "training.microBatchSize" => Train(request, training => training with { MicroBatchSize = Number(change) }),
        "training.recompute" => Train(request, training => training with { Recompute = Name<Recompute>(change) }),
        "training.optimizer" => Train(request, training => training with { Optimizer = Name<Optimizer>(change) }),
        "training.framework" => Train(request, training => training with { Framework = Name<TrainingFramework>(change) }),
        "training.method" => Train(request, training => training with { Method = Name<TrainingMethod>(change), Lora = training.Lora ?? new LoraSpec() }),
        "parallelism.sharding" => Lay(request, layout => layout with { Sharding = Name<Sharding>(change) }),
        "parallelism.sequenceParallel" => Lay(request, layout => layout with { SequenceParallel = bool.Parse(change.Value) }),
        "parallelism.tensor" => Lay(request, layout => layout with { Tensor = Number(change) }),
        "parallelism.data" => Lay(request, layout => layout with { Data = Number(change) }),
        "placement.pools" => request with { Pools = change.Value.Trim('[', ']').Split(", ") },
        _ => throw new ArgumentException($"no field {change.Path}", nameof(change)),
    };

    private static PlanRequest Train(PlanRequest request, Func<TrainingSpec, TrainingSpec> turn) => request with { Job = request.Job.Training(turn) };

    private static PlanRequest Lay(PlanRequest request, Func<ParallelismSpec, ParallelismSpec> turn) => request with { Job = request.Job.Parallelism(turn) };

    private static T Name<T>(Change change)
        where T : struct, Enum => Enum.Parse<T>(change.Value);

    private static int Number(Change change) => int.Parse(change.Value, CultureInfo.InvariantCulture);
}
