using System.Globalization;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>A field that was left open, and what the planner chose.</summary>
/// <param name="Path">Below <c>spec</c>: <c>parallelism.tensor</c>.</param>
/// <param name="Value">As one would type it in YAML.</param>
public readonly record struct ChosenField(string Path, string Value)
{
    /// <summary>The environment variable that tells it to a launched pod: <c>GPUMEM_TENSOR</c>, <c>GPUMEM_MICRO_BATCH_SIZE</c>.</summary>
    public string Variable => "GPUMEM_" + string.Concat(Path[(Path.LastIndexOf('.') + 1)..].Select(letter => char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));

    public override string ToString() => $"{Path}={Value}";

    internal static IEnumerable<ChosenField> Of(OpenFields open, JobSpec job)
    {
        var (layout, training) = (job.Parallelism, job.Training);
        (OpenFields Field, string Path, IFormattable Value)[] all =
        [
            (OpenFields.Tensor, "parallelism.tensor", layout.Tensor),
            (OpenFields.Pipeline, "parallelism.pipeline", layout.Pipeline),
            (OpenFields.Context, "parallelism.context", layout.Context),
            (OpenFields.Expert, "parallelism.expert", layout.Expert),
            (OpenFields.Data, "parallelism.data", layout.Data),
            (OpenFields.Sharding, "parallelism.sharding", layout.Sharding),
            (OpenFields.Recompute, "training.recompute", training.Recompute),
            (OpenFields.MicroBatchSize, "training.microBatchSize", training.MicroBatchSize),
        ];
        return all.Where(field => open.HasFlag(field.Field)).Select(field => new ChosenField(field.Path, field.Value.ToString(null, CultureInfo.InvariantCulture)));
    }
}
