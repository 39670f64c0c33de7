using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Explanations;

/// <summary>The job, stage and phase behind the terms of an estimate: enough to explain each of them when asked.</summary>
internal sealed class EstimateOrigin(JobSpec job, int stage, Phase phase) : ITermOrigin
{
    public Explanation Explain(TermKind kind) => TermExplanations.Of(kind, new RankContext(job, stage), phase);
}
