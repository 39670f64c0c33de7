using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Programs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns <c>spec.parallelism</c> into a layout, filling in its defaults.</summary>
internal static class ParallelismReader
{
    private static readonly ParallelismSpec Defaults = new();

    /// <param name="settings">What the author wrote.</param>
    /// <param name="training">Its framework and program decide what is divided when nothing is said.</param>
    /// <param name="data">Data parallel size; a plan replaces it where it was left open.</param>
    /// <param name="gpusPerNode">GPUs of one pod, where they are fixed.</param>
    public static ParallelismSpec Read(ParallelismSettings settings, TrainingSpec training, int data, int? gpusPerNode) => Read(
        settings, training.Framework, ProgramDefaults.Of(training.Trainer, training.TrainerVersion, isOneGpu: false), data, gpusPerNode);

    /// <summary>What is divided over the data-parallel ranks: as stated, else as the program on its own framework, else as the framework does.</summary>
    public static Sharding ShardingOf(Sharding? stated, TrainingFramework framework, ProgramDefaults program) =>
        stated ?? (framework == program.Framework ? program.Sharding : OverAnother(framework, program)) ?? (framework == TrainingFramework.PyTorchFSDP ? Sharding.Full : Sharding.None);

    /// <summary>
    /// Programs that run over Megatron Core beside their own framework switch its distributed optimizer on, which Megatron-LM leaves to its user (verl
    /// trainer/config/engine/megatron.yaml, NeMo-RL examples/configs: use_distributed_optimizer).
    /// </summary>
    private static Sharding? OverAnother(TrainingFramework framework, ProgramDefaults program) =>
        framework == TrainingFramework.Megatron && program.Framework is not null ? Sharding.Optimizer : null;

    private static ParallelismSpec Read(ParallelismSettings settings, TrainingFramework framework, ProgramDefaults program, int data, int? gpusPerNode) => new()
    {
        Tensor = settings.Tensor?.Value ?? Defaults.Tensor,
        Pipeline = settings.Pipeline?.Value ?? Defaults.Pipeline,
        Context = settings.Context?.Value ?? Defaults.Context,
        Expert = settings.Expert?.Value ?? Defaults.Expert,
        ExpertTensor = settings.ExpertTensor,
        Data = data,
        Sharding = ShardingOf(settings.Sharding?.Value, framework, program),
        SequenceParallel = settings.SequenceParallel ?? Defaults.SequenceParallel,
        ShardGroup = settings.ShardGroup,
        FsdpVersion = settings.FsdpVersion ?? program.FsdpVersion ?? Defaults.FsdpVersion,
        Schedule = settings.Schedule ?? Defaults.Schedule,
        VirtualStages = settings.VirtualStages ?? Defaults.VirtualStages,
        FirstStageLayers = settings.FirstStageLayers,
        LastStageLayers = settings.LastStageLayers,
        ContextExchange = settings.ContextExchange ?? Defaults.ContextExchange,
        ExpertDispatch = settings.ExpertDispatch ?? Defaults.ExpertDispatch,
        ExpertCapacityPercent = settings.ExpertCapacityPercent,
        ExpertPadding = settings.ExpertPadding ?? Defaults.ExpertPadding,
        GpusPerNode = gpusPerNode ?? Defaults.GpusPerNode,
    };
}
