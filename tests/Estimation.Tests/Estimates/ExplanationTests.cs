using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>Whoever computes the numbers of an explanation again gets the size that it explains.</summary>
public sealed partial class ExplanationTests
{
    public static TheoryData<Optimizer> Optimizers => [.. Enum.GetValues<Optimizer>()];

    public static TheoryData<QuantizationScheme> Schemes => [.. Enum.GetValues<QuantizationScheme>()];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void States_of_every_optimizer_come_out_as_explained(Optimizer optimizer)
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        AssertExplained(job with { Training = job.Training with { Optimizer = optimizer } }, TermKind.OptimizerStates);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Weights_of_every_quantization_come_out_as_explained(QuantizationScheme scheme)
    {
        var job = Example.Job(Example.Llama8B);
        var training = job.Training with { Method = TrainingMethod.QLoRA, Quantization = new QuantizationSpec(scheme) };
        AssertExplained(job with { Training = training, Parallelism = new ParallelismSpec() }, TermKind.Weights);
    }

    [Property(Arbitrary = [typeof(SoundJobs)])]
    public void States_and_logits_of_any_job_come_out_as_explained(JobSpec job)
    {
        TermKind[] kinds = [TermKind.Weights, TermKind.MasterWeights, TermKind.OptimizerStates, TermKind.Adapters, TermKind.MovingAverage, TermKind.ReferenceModel, TermKind.Logits];
        foreach (var kind in kinds)
            AssertExplained(job, kind);
    }

    private static void AssertExplained(JobSpec job, TermKind kind)
    {
        // Optimizers without states have nothing to explain.
        foreach (var term in MemoryEstimator.Estimate(job).Terms.Where(term => term.Kind == kind))
            AssertNear(term);
    }

    /// <summary>Six digits of a fraction are printed, and a division rounds up.</summary>
    private static void AssertNear(Term term)
    {
        var off = Math.Abs(Compute(term.Numbers) - term.Expected.Value);
        Assert.True(off <= 2 + (1e-4 * term.Expected.Value), $"{term.Kind}: {term.Numbers} is not {term.Expected.Value}");
    }

    private static double Compute(string numbers)
    {
        var expression = Integer().Replace(numbers.Replace(" B", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Replace('·', '*'), "$0.0");
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(expression, null), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(?<![\d.])\d+(?![\d.])")]
    private static partial Regex Integer();
}
