using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Evaluation.Baselines;
using GpuMem.Evaluation.Cases;
using GpuMem.Evaluation.Manifests;

namespace GpuMem.Evaluation;

/// <summary>
/// Estimates the manifest of a case, through the reader of all manifests, and holds the result against the measurement, like with like.
/// </summary>
public static class CaseScorer
{
    public static CaseScore Score(MeasuredCase item)
    {
        try
        {
            var estimate = CaseManifest.Serving(item) is { } serving ? Estimate(serving) : Estimate(CaseManifest.Training(item));
            return new CaseScore
            {
                Case = item,
                Own = item.Measured.Component is { } component ? OfComponent(estimate, component) : InMetric(estimate, item.Measured.Metric),
                Estimate = estimate,
                Baselines = BaselineSizes.Of(item),
            };
        }
        catch (InvalidJobException error)
        {
            return Unscored(item, error.Message);
        }
        catch (OverflowException)
        {
            return Unscored(item, "its numbers are beyond any job");
        }
    }

    private static Estimate Estimate(InferenceManifest manifest) =>
        InferenceEstimator.Estimate(InferenceReader.Read(manifest.Spec!, out var problems) ?? throw new InvalidJobException(problems));

    private static Estimate Estimate(TrainingJob manifest)
    {
        var request = TrainingJobReader.Read(manifest, NoConfigMaps.Instance, gpusOfPod: null, out var problems) ?? throw new InvalidJobException(problems);
        return MemoryEstimator.Estimate(request.Job, TrainingJobStage.Of(manifest, out _));
    }

    private static CaseScore Unscored(MeasuredCase item, string problem) =>
        new() { Case = item, Problem = problem, Baselines = BaselineSizes.Of(item) };

    /// <summary>What is not said to be measured inside the allocator is the whole process.</summary>
    private static MemoryBounds InMetric(Estimate estimate, CaseMetric metric) => metric switch
    {
        CaseMetric.Allocated or CaseMetric.Active => new(estimate.LowerBound, estimate.Allocated, estimate.AllocatedUpperBound),
        CaseMetric.Reserved => new(estimate.LowerBound, estimate.Reserved, estimate.ReservedUpperBound),
        _ => new(estimate.LowerBound, estimate.Expected, estimate.UpperBound),
    };

    private static MemoryBounds OfComponent(Estimate estimate, CaseComponent component)
    {
        TermKind[] kinds = component switch
        {
            CaseComponent.Weights => [TermKind.Weights],
            CaseComponent.KvCache => [TermKind.KeyValueCache],
            CaseComponent.WeightsAndKvCache => [TermKind.Weights, TermKind.KeyValueCache],
            CaseComponent.Logits => [TermKind.Logits],
            CaseComponent.Activations => [TermKind.Activations],
            _ => [TermKind.CudaContext, TermKind.Nccl],
        };
        var terms = estimate.Terms.Where(term => kinds.Contains(term.Kind)).ToList();
        return new MemoryBounds(Bytes.Zero, new Bytes(terms.Sum(term => term.Expected.Value)), new Bytes(terms.Sum(term => term.UpperBound.Value)));
    }
}
