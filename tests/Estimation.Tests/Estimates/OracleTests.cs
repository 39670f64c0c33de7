using System.Globalization;
using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>The formulas for transformers beside what its own modules do (tests/Estimation.Tests/oracle, written by hack/oracle.sh).</summary>
public sealed class OracleTests
{
    public static TheoryData<string> Classes => [.. OracleStep.Classes];

    [Theory]
    [MemberData(nameof(Classes))]
    public void A_layer_saves_what_a_real_one_saves(string name) =>
        AssertWithin(0.01, OracleStep.Of(name).Where(step => step.PerLayer > 0).Select(step => (step.Name, (double)PerLayer(step), (double)step.PerLayer)));

    [Theory]
    [MemberData(nameof(Classes))]
    public void Each_phase_peaks_where_a_real_one_does(string name) => AssertWithin(0.03, OracleStep.Of(name).SelectMany(Phases));

    [Fact]
    public void Half_of_all_peaks_are_met_within_a_thousandth()
    {
        var errors = OracleStep.Classes.SelectMany(OracleStep.Of).SelectMany(Phases).Select(row => Math.Abs((row.Estimated / row.Measured) - 1)).Order().ToList();
        Assert.InRange(errors[errors.Count / 2], 0, 0.001);
    }

    /// <remarks>A layer without attention after one with it frees the latter's mask: the measured difference is below nothing then, and left out.</remarks>
    private static long PerLayer(OracleStep step)
    {
        var rank = new RankContext(step.Job, 0);
        var kind = step.Job.Model switch { { StateSpace: not null } => LayerKind.StateSpace, { Experts: not null } => LayerKind.Experts, _ => LayerKind.Dense };
        return (step.Job.Training.Recompute == Recompute.None ? TransformersLayer.Of(rank, kind).Saved() : new LayersOfKind(rank, kind).Kept).Of(rank);
    }

    private static (string Name, double Estimated, double Measured)[] Phases(OracleStep step)
    {
        var rank = new RankContext(step.Job, 0);
        var memory = new RankMemory(rank);
        return
        [
            ($"{step.Name}: loss", Allocated(memory, Phase.Loss), step.Loss),
            ($"{step.Name}: backward", Math.Max(Allocated(memory, Phase.BackwardStart), Allocated(memory, Phase.BackwardEnd)), step.Backward),
            ($"{step.Name}: update", Allocated(memory, Phase.OptimizerStep), step.Update),
            ($"{step.Name}: peak", MemoryEstimator.Estimate(step.Job).Allocated.Value, step.Peak),
        ];
    }

    private static double Allocated(in RankMemory memory, Phase phase) => memory.In(phase).Allocated.Expected;

    private static void AssertWithin(double bound, IEnumerable<(string Name, double Estimated, double Measured)> rows)
    {
        var far = rows.Where(row => Math.Abs((row.Estimated / row.Measured) - 1) > bound).Select(row =>
            string.Create(CultureInfo.InvariantCulture, $"{row.Name}: {row.Estimated:N0} for {row.Measured:N0}, {(row.Estimated / row.Measured) - 1:+0.00 %;-0.00 %}")).ToList();
        Assert.True(far.Count == 0, string.Join("\n", far));
    }
}
