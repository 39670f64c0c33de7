using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.States;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>Whoever computes the numbers of an explanation again gets the size that it explains.</summary>
public sealed partial class ExplanationTests
{
    public static TheoryData<Optimizer> Optimizers => [.. Enum.GetValues<Optimizer>()];

    public static TheoryData<QuantizationScheme> Schemes => [.. Enum.GetValues<QuantizationScheme>().Where(scheme => !QuantizedWeight.IsGguf(scheme))];

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
    public void Every_tensor_of_any_job_comes_out_as_explained(JobSpec job)
    {
        foreach (var kind in Enum.GetValues<TermKind>().Except([TermKind.Fragmentation, TermKind.CudaContext, TermKind.Nccl]))
            AssertExplained(job, kind);
    }

    /// <summary>Most jobs peak in one phase; the terms of the others are explained all the same.</summary>
    [Property(Arbitrary = [typeof(SoundJobs)])]
    public void Every_phase_of_any_job_comes_out_as_explained(JobSpec job)
    {
        var rank = new RankContext(job, 0);
        var memory = new RankMemory(rank);
        for (var phase = Phase.Loss; phase <= Phase.OptimizerStep; phase++)
        {
            _ = memory.In(phase, out var terms);
            for (var kind = TermKind.Weights; kind < TermKind.Fragmentation; kind++)
            {
                if (terms[kind].Expected == 0)
                    continue;
                var words = memory.Explain(kind, phase);
                AssertNear($"{phase}, {kind}", words.Numbers, terms[kind].Expected);
                Assert.All((string[])[words.Formula, words.Source], text => Assert.False(text.Length == 0, $"{phase}, {kind}: {words}"));
            }
        }
    }

    private static void AssertExplained(JobSpec job, TermKind kind)
    {
        // Optimizers without states have nothing to explain.
        foreach (var term in MemoryEstimator.Estimate(job).Terms.Where(term => term.Kind == kind && term.Expected > Bytes.Zero))
            AssertNear($"{kind}", term.Numbers, term.Expected.Value);
    }

    /// <summary>Six digits of a fraction are printed, and a division rounds up.</summary>
    private static void AssertNear(string what, string numbers, long bytes)
    {
        Assert.False(numbers.Length == 0, $"{what}: {bytes} B are not explained");
        var off = Math.Abs(Compute(numbers) - bytes);
        Assert.True(off <= 2 + (1e-4 * bytes), $"{what}: {numbers} is not {bytes}");
    }

    private static double Compute(string numbers)
    {
        var expression = Integer().Replace(numbers.Replace(" B", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal).Replace('·', '*').Replace('−', '-'), "$0.0");
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(expression, null), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(?<![\d.])\d+(?![\d.])")]
    private static partial Regex Integer();
}
