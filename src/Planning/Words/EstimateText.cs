using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Words;

/// <summary>What an estimate says to people beside its terms and the verdict.</summary>
public static class EstimateText
{
    /// <summary>A sentence each: what PyTorch will show and when the peak is, what is off the GPU, what an engine on the same GPU takes.</summary>
    public static IEnumerable<string> Facts(JobSpec job, Estimate estimate)
    {
        yield return $"PyTorch shows {estimate.Allocated} allocated, {estimate.Reserved} reserved. Peak: {Words(estimate.PeakPhase)}, pipeline stage {estimate.WorstPipelineStage}. Confidence: {estimate.Confidence}.";
        if (estimate.HostMemoryPerNode > Bytes.Zero)
            yield return $"Off the GPU: {estimate.HostMemoryPerNode} of host memory{Disks(estimate)} for the {Math.Min(job.Parallelism.GpusPerNode, job.Parallelism.WorldSize)} GPUs of a node.";
        if (estimate.Engine is { } engine)
            yield return $"The generation engine takes {engine.MemoryPercent} % of each GPU {(engine.Sleeps ? "while it generates" : "at all times")}, {engine.Weights} of it for weights; training keeps {engine.Beside} meanwhile.";
    }

    private static string Disks(Estimate estimate) => estimate.NvmePerNode > Bytes.Zero ? $" and {estimate.NvmePerNode} of NVMe" : "";

    private static string Words(Phase phase) => phase switch
    {
        Phase.Loss => "at the loss",
        Phase.BackwardStart => "as backward begins",
        Phase.BackwardEnd => "as backward ends",
        _ => "in the optimizer step",
    };
}
