using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Explanations;

/// <summary>The job, stage and phase behind the terms of an estimate, which explain each of them when asked, with the numbers of its size.</summary>
internal sealed class EstimateOrigin(JobSpec job, int stage, Phase phase) : ITermOrigin
{
    public Explanation Explain(TermKind kind) => Explain(kind, new RankContext(job, stage));

    private Explanation Explain(TermKind kind, in RankContext rank) => kind switch
    {
        TermKind.Weights => StateExplanations.Weights(rank),
        TermKind.MasterWeights => StateExplanations.Master(rank),
        TermKind.Gradients => StateExplanations.Gradients(rank, phase),
        TermKind.OptimizerStates => StateExplanations.Optimizer(rank),
        TermKind.Adapters => StateExplanations.Adapters(rank),
        TermKind.MovingAverage => new(
            "4 B · N",
            $"4 B · {Text.N(rank.Trained.Total)} / {Text.N(rank.Recipe.ShardOptimizer ? rank.Shards : 1)}",
            "an average of the weights, kept in fp32"),
        TermKind.ReferenceModel => new(
            "β · N, frozen",
            $"{rank.Recipe.Compute} B · {Text.N(rank.Base.Total)} / {Text.N(rank.Recipe.ShardWeights ? rank.Shards : 1)}",
            "DPO, arXiv 2305.18290"),
        TermKind.GatheredParameters => BufferExplanations.Gathered(rank, phase),
        TermKind.Activations => ActivationExplanations.Stored(rank, phase),
        TermKind.Recomputation => ActivationExplanations.OneLayer(rank),
        TermKind.Logits => ActivationExplanations.Logits(rank, phase),
        TermKind.CommunicationBuffers => BufferExplanations.Communication(rank),
        TermKind.OptimizerTemporaries => BufferExplanations.Temporaries(rank),
        TermKind.Fragmentation => Fragmentation(
            "slack % × allocated; the upper bound also covers other phases and unknown dimensions", AllocatorSlack.Of(rank.Job)),
        TermKind.CudaContext => CudaContext(),
        _ => Nccl(rank),
    };

    public static Explanation CudaContext() => new(
        "context + libraries",
        $"{Text.GiB(ProcessOverhead.CudaContext.Expected)}, at most {Text.GiB(ProcessOverhead.CudaContext.Upper)}",
        "pytorch PR 86509 (lazy module loading), PR 120925 (cuBLAS workspaces)");

    public static Explanation Fragmentation(string formula, AllocatorSlack slack) => new(
        formula,
        $"{slack.Expected} % expected, {slack.Upper} % at most",
        "reserved over allocated memory of published runs (docs/estimation.md, allocator)");

    private static Explanation Nccl(in RankContext rank)
    {
        var count = ProcessOverhead.Communicators(rank.Job.Parallelism);
        return new(
            "communicators × buffer",
            $"{count} × {Text.GiB(ProcessOverhead.Nccl(rank.Job.Parallelism).Expected / Math.Max(count, 1))}",
            "NVIDIA/nccl issues 864 and 964");
    }
}
