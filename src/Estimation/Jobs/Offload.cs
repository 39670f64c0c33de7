namespace GpuMem.Estimation.Jobs;

/// <summary>Where tensors live that a GPU only borrows.</summary>
public enum OffloadTarget
{
    /// <summary>It stays on the GPU.</summary>
    None,

    /// <summary>Host memory (ZeRO-Offload, arXiv 2101.06840; FSDP CPUOffload).</summary>
    Host,

    /// <summary>NVMe disks through buffers in host memory (ZeRO-Infinity, arXiv 2104.07857).</summary>
    NVMe,
}

/// <summary>What leaves the GPU between uses.</summary>
public sealed record OffloadSpec
{
    /// <summary>Weights, gathered for use only.</summary>
    public OffloadTarget Parameters { get; init; }

    /// <summary>Optimizer states, with the step itself and the master weights.</summary>
    public OffloadTarget Optimizer { get; init; }

    /// <summary>Checkpointed activations.</summary>
    public bool Activations { get; init; }

    /// <summary>
    /// Weights and optimizer states of every trained model wait in host memory while another model works: the generation engine, or in PPO a value model in turn.
    /// </summary>
    public bool BetweenSteps { get; init; }
}
