using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
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

    private static void AssertExplained(JobSpec job, TermKind kind)
    {
        // Optimizers without states have nothing to explain.
        foreach (var term in MemoryEstimator.Estimate(job).Terms.Where(term => term.Kind == kind))
            Assert.InRange(Compute(term.Numbers) / term.Expected.Value, 0.9999, 1.0001);
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
