using GpuMem.Api.Json;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

[Description("Degrees of parallelism. GPUs = tensor × pipeline × context × data.")]
[ValidationRule(
    "!has(self.virtualStages) || self.virtualStages == 1 || (has(self.schedule) && self.schedule == 'Interleaved' && has(self.pipeline) && self.pipeline > 1)"
    + " || (has(self.schedule) && self.schedule == 'Interleaved' && has(self.pipeline) && type(self.pipeline) == string)",
    message: "several virtualStages need schedule Interleaved and pipeline 2 or more")]
[ValidationRule(
    "!has(self.expertPadding) || !self.expertPadding || has(self.expertCapacityPercent)",
    message: "expertPadding fills experts up to expertCapacityPercent: give it, 100 for an even share, or do not pad")]
public sealed class ParallelismSettings
{
    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 1000000", message: "give Auto or a number from 1 to 1000000")]
    [Description("Tensor parallel size; must divide the attention heads. Auto: the best, inside the NVLink domain. Default 1. Example: Auto.")]
    public OrAuto<int>? Tensor { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 1000000", message: "give Auto or a number from 1 to 1000000")]
    [Description("Pipeline parallel size; at most the layers. Auto: the best. Default 1. Example: 2.")]
    public OrAuto<int>? Pipeline { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 1000000", message: "give Auto or a number from 1 to 1000000")]
    [Description("Context parallel size: the sequence is divided over this many GPUs. Auto: the best. Default 1. Example: 2.")]
    public OrAuto<int>? Context { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 1000000", message: "give Auto or a number from 1 to 1000000")]
    [Description("Expert parallel size, for mixtures of experts; taken from the data parallel ranks. Auto: the best. Default 1. Example: 8.")]
    public OrAuto<int>? Expert { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description(
        "GPUs over which one routed expert is cut (Megatron's --expert-tensor-parallel-size). Default: as tensor, or 1 where expert "
        + "parallelism takes the tensor parallel ranks. Example: 1.")]
    public int? ExpertTensor { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1", message: "give Auto or a number of 1 or more")]
    [Description("Data parallel size, or Auto: the smallest that fits, rounded to a GPU count that the pool sells. Default Auto.")]
    public IntOrString? Data { get; set; }

    [Description(
        "What is divided over the data parallel ranks: ZeRO stages None (0), Optimizer (1), Gradients (2), Full (3, also FSDP). "
        + "Auto: the best. Default: Full under PyTorchFSDP, Gradients under trainer OpenRLHF, Optimizer under framework Megatron with a trainer other than Megatron, None otherwise.")]
    public OrAuto<Sharding>? Sharding { get; set; }

    [Description("Norms and dropout divided over the tensor parallel ranks too. Default false.")]
    public bool? SequenceParallel { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description(
        "Ranks over which states are divided when groups of this many hold copies of them (HSDP); must divide data × context. "
        + "Default: all ranks. Example: 8.")]
    public int? ShardGroup { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(2)]
    [Description(
        "1 flattens the parameters of a unit into one tensor (FullyShardedDataParallel), 2 keeps a tensor for each (fully_shard). "
        + "Default 2; 1 under trainer Verl.")]
    public int? FsdpVersion { get; set; }

    [Description("The order of micro-batches in a pipeline, which decides how many are held at once. Default OneForwardOneBackward.")]
    public PipelineSchedule? Schedule { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description("Chunks of layers per pipeline rank under schedule Interleaved. Default 1. Example: 2.")]
    public int? VirtualStages { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description(
        "Layers of the first pipeline stage (Megatron's --decoder-first-pipeline-num-layers); the stages of which nothing is said share "
        + "the rest evenly. Default: an even share. Example: 7.")]
    public int? FirstStageLayers { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description("Layers of the last pipeline stage (Megatron's --decoder-last-pipeline-num-layers). Default: an even share. Example: 6.")]
    public int? LastStageLayers { get; set; }

    [Description("How context parallel ranks exchange keys and values: Ring, Ulysses (all-to-all over heads) or AllGather. Default Ring.")]
    public ContextExchange? ContextExchange { get; set; }

    [Description(
        "How tokens reach the experts of other ranks: AllToAll sends each to its experts, AllGather gathers all on every rank. "
        + "Default AllToAll.")]
    public ExpertDispatch? ExpertDispatch { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxExpertCapacityPercent)]
    [Description(
        "Tokens that an expert takes at most, in percent of an even share; what is more is dropped (Megatron's "
        + "--moe-expert-capacity-factor × 100). Default: no bound. Example: 125.")]
    public int? ExpertCapacityPercent { get; set; }

    [Description(
        "Experts with fewer tokens than their capacity are filled up to it (Megatron's --moe-pad-expert-input-to-capacity). Default "
        + "false.")]
    public bool? ExpertPadding { get; set; }
}
