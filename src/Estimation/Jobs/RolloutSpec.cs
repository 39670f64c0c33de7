namespace GpuMem.Estimation.Jobs;

/// <summary>How a model in reinforcement learning generates the completions that it learns from.</summary>
public sealed record RolloutSpec
{
    /// <summary>Tokens of a sequence that are generated, from 1 to all of it: logits are made for these only. Null: all.</summary>
    public long? CompletionLength { get; init; }

    /// <summary>Completions of one prompt, which are compared with each other.</summary>
    public int GroupSize { get; init; } = 8;

    /// <summary>Where completions are generated; default Separate.</summary>
    public RolloutEngine Engine { get; init; }

    /// <summary>Of each GPU's memory, in percent, what a colocated engine takes for weights and cache (vLLM's gpu_memory_utilization × 100).</summary>
    public int EngineMemoryPercent { get; init; } = 30;

    /// <summary>GPUs over which a colocated engine divides its copy of the model.</summary>
    public int EngineTensor { get; init; } = 1;

    /// <summary>A colocated engine gives its memory back while the model trains (vLLM's sleep mode).</summary>
    public bool EngineSleeps { get; init; }

    /// <summary>Of a colocated engine's weights.</summary>
    public DataType EngineWeights { get; init; } = DataType.BF16;
}

/// <summary>Where completions are generated.</summary>
public enum RolloutEngine
{
    /// <summary>By the trainer between steps, or by servers of their own: nothing comes on top of a training step.</summary>
    Separate,

    /// <summary>By an inference engine on the same GPUs.</summary>
    Colocated,
}
