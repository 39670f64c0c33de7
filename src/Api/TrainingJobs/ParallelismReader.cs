using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns <c>spec.parallelism</c> into a layout, filling in its defaults.</summary>
internal static class ParallelismReader
{
    private static readonly ParallelismSpec Defaults = new();

    /// <param name="settings">What the author wrote.</param>
    /// <param name="framework">Decides what is divided when nothing is said.</param>
    /// <param name="data">Data parallel size; a plan replaces it where it was left open.</param>
    /// <param name="gpusPerNode">GPUs of one pod, where they are fixed.</param>
    public static ParallelismSpec Read(ParallelismSettings settings, TrainingFramework framework, int data, int? gpusPerNode) => new()
    {
        Tensor = settings.Tensor ?? Defaults.Tensor,
        Pipeline = settings.Pipeline ?? Defaults.Pipeline,
        Context = settings.Context ?? Defaults.Context,
        Expert = settings.Expert ?? Defaults.Expert,
        Data = data,
        Sharding = settings.Sharding ?? (framework == TrainingFramework.PyTorchFSDP ? Sharding.Full : Sharding.None),
        SequenceParallel = settings.SequenceParallel ?? Defaults.SequenceParallel,
        ShardGroup = settings.ShardGroup,
        FsdpVersion = settings.FsdpVersion ?? Defaults.FsdpVersion,
        Schedule = settings.Schedule ?? Defaults.Schedule,
        VirtualStages = settings.VirtualStages ?? Defaults.VirtualStages,
        ContextExchange = settings.ContextExchange ?? Defaults.ContextExchange,
        ExpertDispatch = settings.ExpertDispatch ?? Defaults.ExpertDispatch,
        ExpertCapacityPercent = settings.ExpertCapacityPercent,
        ExpertPadding = settings.ExpertPadding ?? Defaults.ExpertPadding,
        GpusPerNode = gpusPerNode ?? Defaults.GpusPerNode,
    };
}
