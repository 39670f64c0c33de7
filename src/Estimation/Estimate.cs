namespace GpuMem.Estimation;

/// <summary>
/// GPU memory of the most loaded rank at its peak, as a list of terms that sum to <see cref="Expected"/>.
/// What <c>nvidia-smi</c> shows: allocator memory plus what lies outside it.
/// </summary>
public sealed record Estimate
{
    /// <summary>The formulas' version; it changes when any number can change.</summary>
    public const string CurrentFormulaVersion = "2026.1";

    /// <summary>The terms live at the peak, in the order in which they are explained. Terms of zero bytes are left out.</summary>
    public required IReadOnlyList<Term> Terms { get; init; }

    /// <summary>What a usual run needs of one GPU, everything included.</summary>
    public required Bytes Expected { get; init; }

    /// <summary>
    /// What remains of <see cref="Expected"/> when the caching allocator has given back what is only cached, as it does before it fails
    /// (pytorch c10/cuda/CUDACachingAllocator.cpp, release_cached_blocks): more than the GPU has of this cannot run.
    /// </summary>
    public required Bytes Needed { get; init; }

    /// <summary>A value that a real run is very unlikely to exceed; a verdict of Fits is held against this.</summary>
    public required Bytes UpperBound { get; init; }

    /// <summary>Only what is certain (weights, gradients and states): below this no run is possible.</summary>
    public required Bytes LowerBound { get; init; }

    /// <summary>What <c>torch.cuda.max_memory_allocated</c> would show.</summary>
    public required Bytes Allocated { get; init; }

    /// <summary>What <see cref="Allocated"/> is very unlikely to exceed.</summary>
    public required Bytes AllocatedUpperBound { get; init; }

    /// <summary>What <c>torch.cuda.max_memory_reserved</c> would show.</summary>
    public required Bytes Reserved { get; init; }

    /// <summary>What <see cref="Reserved"/> is very unlikely to exceed.</summary>
    public required Bytes ReservedUpperBound { get; init; }

    /// <summary>
    /// Pinned host memory of one node for what its ranks offload, buffers included; zero without offloading. Loading the model and the data comes on top.
    /// </summary>
    public Bytes HostMemoryPerNode { get; init; }

    /// <summary>NVMe of one node for what its ranks offload (ZeRO-Infinity, arXiv 2104.07857).</summary>
    public Bytes NvmePerNode { get; init; }

    /// <summary>An inference engine on the same GPUs, which takes its part of them; null without.</summary>
    public ColocatedEngine? Engine { get; init; }

    /// <summary>What lies between allocated and reserved is told by this; null for engines, which claim their memory at start.</summary>
    public AllocatorUse? AllocatorUse { get; init; }

    /// <summary>When the most is needed.</summary>
    public required Phase PeakPhase { get; init; }

    /// <summary>The pipeline stage with the highest peak, from 0.</summary>
    public required int WorstPipelineStage { get; init; }

    /// <summary>How far the figures can be trusted.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>What had to be assumed, in plain words; each lowers <see cref="Confidence"/>.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>The model's family is not known, or its configuration states what nobody reads: not even <see cref="LowerBound"/> is certain then.</summary>
    public bool IsGuess => Model.UnknownFamily is not null || Model.UnreadFields.Count > 0;

    /// <summary>Less of <see cref="Needed"/> where what layers keep is taken from others' layers; below it nobody says that the job does not fit.</summary>
    public Bytes SurelyNeeded => Model.Knowledge == ModelKnowledge.PartsOnly ? Bytes.Max(LowerBound, Margins.OfOthersLayers(Needed)) : Needed;

    /// <summary>Parameters of the whole model.</summary>
    public long Parameters => Model.Parameters;

    /// <summary>What is estimated.</summary>
    public required ModelArchitecture Model { get; init; }
}

/// <summary>When in a training step, or while serving, the peak is reached (reference of the master equation: docs/estimation.md).</summary>
public enum Phase
{
    /// <summary>Forward is done, all activations and the logits are live.</summary>
    Loss,

    /// <summary>Backward begins: all activations, one layer recomputed, the first gradients.</summary>
    BackwardStart,

    /// <summary>Backward ends: all gradients, one layer recomputed.</summary>
    BackwardEnd,

    /// <summary>All gradients and the optimizer's temporaries.</summary>
    OptimizerStep,

    /// <summary>Serving: the prompt is read.</summary>
    Prefill,

    /// <summary>Serving: the last token is generated, the cache is full.</summary>
    Decode,
}

/// <summary>How far an estimate can be trusted: each assumption lowers it.</summary>
public enum Confidence
{
    /// <summary>Nothing had to be assumed.</summary>
    High,

    /// <summary>One or two things had to be assumed.</summary>
    Medium,

    /// <summary>More had to be assumed, or the dimensions are guessed.</summary>
    Low,
}
