using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Generation between the steps of reinforcement learning.</summary>
public sealed class RolloutSettings
{
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens that are generated, of the sequenceLength of prompt and completion: logits are made for these only. Default: all of it. Example: 1024.")]
    public long? CompletionLength { get; set; }

    [RangeMinimum(2)]
    [RangeMaximum(JobLimits.MaxRolloutGroup)]
    [Description("Completions of one prompt; for objective GRPO and RLOO globalBatchSize is a multiple of it. Default 8; 1 for PPO.")]
    public int? GroupSize { get; set; }

    [Description(
        "Where completions are generated: Colocated by an inference engine on the same GPUs, Separate by servers of their own or by the "
        + "trainer between steps. Default Separate; Colocated under trainer Verl and NeMoRL.")]
    public RolloutEngine? Engine { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(99)]
    [Description("Of each GPU's memory what a colocated engine takes, in percent: vLLM's gpu_memory_utilization × 100. Default 30; 50 under trainer Verl, 60 under NeMoRL. Example: 60.")]
    public int? EngineMemoryPercent { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("GPUs over which a colocated engine divides its copy of the model. Default 1; 2 under trainer Verl. Example: 4.")]
    public int? EngineTensor { get; set; }

    [Description("A colocated engine gives its memory back while the model trains, as vLLM's sleep mode. Default false; true under trainer Verl and NeMoRL. Example: true.")]
    public bool? EngineSleeps { get; set; }

    [Description("Of a colocated engine's copy of the weights. Default BF16. Example: FP8.")]
    public DataType? EngineWeights { get; set; }
}
