using GpuMem.Estimation.Evaluation.Baselines;
using GpuMem.Estimation.Evaluation.Cases;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Evaluation;

/// <summary>Estimates the job of a case and holds the result against the measurement, like with like.</summary>
public static class CaseScorer
{
    public static CaseScore Score(MeasuredCase item)
    {
        try
        {
            var estimate = item.Inference is null ? MemoryEstimator.Estimate(CaseJobs.Training(item), CaseJobs.Stage(item)) : InferenceEstimator.Estimate(CaseJobs.Inference(item));
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

    private static CaseScore Unscored(MeasuredCase item, string problem) => new() { Case = item, Problem = problem, Baselines = BaselineSizes.Of(item) };

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
