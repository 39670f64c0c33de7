using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Manifests;

/// <summary>How a case divides its work over GPUs.</summary>
internal static class CaseLayout
{
    private const int GpusPerNode = 8;

    public static ParallelismSettings Of(MeasuredCase item)
    {
        var (layout, sharding) = (item.Parallel, item.Sharding);
        return new ParallelismSettings
        {
            Data = layout.Data,
            Sharding = ShardingOf(sharding),
            Tensor = MoreThanOne(layout.Tensor),
            Pipeline = MoreThanOne(layout.Pipeline),
            Context = MoreThanOne(layout.Context),
            Expert = MoreThanOne(layout.Expert),
            SequenceParallel = layout.SequenceParallel ? true : null,
            VirtualStages = MoreThanOne(layout.VirtualStages),
            Schedule = layout.PipelineSchedule switch
            {
                CaseSchedule.OneFOneB => PipelineSchedule.OneForwardOneBackward,
                CaseSchedule.Interleaved => PipelineSchedule.Interleaved,
                CaseSchedule.Gpipe => PipelineSchedule.GPipe,
                _ => null,
            },

            // Divided inside a node, repeated across nodes.
            ShardGroup = sharding.Fsdp == CaseFsdp.Hybrid ? Math.Min(GpusPerNode, layout.Data) : null,
            FsdpVersion = sharding.Fsdp != CaseFsdp.None && item.Framework is CaseFramework.PyTorchFsdp1 or CaseFramework.Composer or CaseFramework.LitGpt ? 1 : null,
        };
    }

    /// <summary>The pipeline stage that the case was measured on; null for the most loaded one.</summary>
    public static int? Stage(MeasuredCase item) => item.Parallel.Rank switch
    {
        CaseRank.First => 0,
        CaseRank.Last => item.Parallel.Pipeline - 1,
        _ => null,
    };

    private static int? MoreThanOne(int degree) => degree == 1 ? null : degree;

    private static Sharding ShardingOf(CaseSharding sharding) => sharding switch
    {
        { Fsdp: CaseFsdp.FullShard or CaseFsdp.Hybrid } => Sharding.Full,
        { Fsdp: CaseFsdp.ShardGradOp } => Sharding.Gradients,
        { ZeroStage: 0, DistributedOptimizer: true } => Sharding.Optimizer,
        _ => (Sharding)sharding.ZeroStage,
    };
}
