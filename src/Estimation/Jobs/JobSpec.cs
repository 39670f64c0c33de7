using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Jobs;

/// <summary>A model and the strategy that trains it: everything the estimate depends on, nothing left open.</summary>
public sealed record JobSpec
{
    public required ModelArchitecture Model { get; init; }

    public required TrainingSpec Training { get; init; }

    public ParallelismSpec Parallelism { get; init; } = new();
}

/// <summary>How the model is trained. Lengths are in tokens, batches in sequences.</summary>
public sealed record TrainingSpec
{
    public TrainingMethod Method { get; init; } = TrainingMethod.Full;

    public TrainingFramework Framework { get; init; } = TrainingFramework.PyTorchFSDP;

    public Precision Precision { get; init; } = Precision.BF16Mixed;

    public Optimizer Optimizer { get; init; } = Optimizer.AdamW;

    /// <summary>Tokens per sequence, 1 to <see cref="JobLimits.MaxSequenceLength"/>.</summary>
    public required long SequenceLength { get; init; }

    /// <summary>Sequences per rank and forward pass.</summary>
    public long MicroBatchSize { get; init; } = 1;

    /// <summary>Sequences per optimizer step over all ranks; null means one micro-batch per rank, without accumulation.</summary>
    public long? GlobalBatchSize { get; init; }

    public Recompute Recompute { get; init; } = Recompute.None;

    public AttentionKernel Attention { get; init; } = AttentionKernel.Flash;

    public LossKernel Loss { get; init; } = LossKernel.Full;

    /// <summary>The kernels of one layer are fused by a compiler or the framework; null takes the framework's default.</summary>
    public bool? FusedKernels { get; init; }

    public LoraSpec? Lora { get; init; }
}

/// <summary>Low-rank adapters (arXiv 2106.09685); <see cref="TargetModules"/> empty means every linear layer of a block.</summary>
public sealed record LoraSpec
{
    public int Rank { get; init; } = 16;

    public IReadOnlyList<string> TargetModules { get; init; } = [];
}

/// <summary>Degrees of parallelism; world size is <c>tensor × pipeline × context × data</c>.</summary>
public sealed record ParallelismSpec
{
    public int Tensor { get; init; } = 1;

    public int Pipeline { get; init; } = 1;

    public int Context { get; init; } = 1;

    public int Expert { get; init; } = 1;

    public int Data { get; init; } = 1;

    public Sharding Sharding { get; init; } = Sharding.None;

    public bool SequenceParallel { get; init; }

    /// <summary>GPUs in all.</summary>
    /// <exception cref="OverflowException">The product does not fit in 63 bits.</exception>
    public long WorldSize => checked((long)Tensor * Pipeline * Context * Data);

    /// <summary>GPUs that hold one copy of the model: everything but data parallelism.</summary>
    public long ModelParallelSize => checked((long)Tensor * Pipeline * Context);
}
