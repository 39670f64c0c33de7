namespace GpuMem.Estimation;

/// <summary>One part of the memory: its size, how sure it is, the formula in symbols and with numbers, and where the formula comes from.</summary>
/// <remarks>The words are put together only when read: planning compares thousands of estimates and reads none.</remarks>
public sealed record Term(TermKind Kind, Bytes Expected, Bytes UpperBound)
{
    private readonly TermList? _origin;
    private Explanation? _explanation;

    internal Term(TermKind kind, Bytes expected, Bytes upperBound, TermList origin)
        : this(kind, expected, upperBound) => _origin = origin;

    /// <summary>In symbols: <c>4 B · N / dp</c>.</summary>
    public string Formula => Explanation.Formula;

    /// <summary>The formula with numbers put in: <c>4 B · 8,030,261,248 / 8</c>.</summary>
    public string Numbers => Explanation.Numbers;

    /// <summary>Paper (arXiv id) or upstream file.</summary>
    public string Source => Explanation.Source;

    private Explanation Explanation => _explanation ??= _origin?.Explain(Kind) ?? Explanation.None;

    /// <summary>Equal when kind and sizes are: the words follow from them and the job.</summary>
    public bool Equals(Term? other) => other is not null && (Kind, Expected, UpperBound) == (other.Kind, other.Expected, other.UpperBound);

    /// <summary>Of kind and sizes.</summary>
    public override int GetHashCode() => HashCode.Combine(Kind, Expected, UpperBound);
}

/// <summary>What a part of the memory is for.</summary>
public enum TermKind
{
    /// <summary>The weights as products use them, or their shards.</summary>
    Weights,

    /// <summary>A copy in higher precision that the optimizer updates.</summary>
    MasterWeights,

    /// <summary>Of the trained weights.</summary>
    Gradients,

    /// <summary>Moments.</summary>
    OptimizerStates,

    /// <summary>Weights of LoRA.</summary>
    Adapters,

    /// <summary>An average of the weights over steps, in fp32.</summary>
    MovingAverage,

    /// <summary>The frozen model that preference training compares with.</summary>
    ReferenceModel,

    /// <summary>What PPO trains to foresee rewards: its weights, optimizer states and gradients.</summary>
    ValueModel,

    /// <summary>The frozen model that scores completions.</summary>
    RewardModel,

    /// <summary>Keys and values of past tokens, while serving.</summary>
    KeyValueCache,

    /// <summary>Whole, cast or expanded copies of weights while they are used.</summary>
    GatheredParameters,

    /// <summary>What forward keeps for backward, or a pass works on.</summary>
    Activations,

    /// <summary>A layer that is computed again.</summary>
    Recomputation,

    /// <summary>Logits, and what the loss makes of them.</summary>
    Logits,

    /// <summary>What is sent and received, and what libraries keep for it.</summary>
    CommunicationBuffers,

    /// <summary>Working copies of the step.</summary>
    OptimizerTemporaries,

    /// <summary>Captured decoding steps.</summary>
    CudaGraphs,

    /// <summary>What the caching allocator holds beyond what is used.</summary>
    Fragmentation,

    /// <summary>Driver context and loaded kernels.</summary>
    CudaContext,

    /// <summary>Communicators between GPUs.</summary>
    Nccl,
}
