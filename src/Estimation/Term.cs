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

    public override int GetHashCode() => HashCode.Combine(Kind, Expected, UpperBound);
}

public enum TermKind
{
    Weights,
    MasterWeights,
    Gradients,
    OptimizerStates,
    Adapters,

    /// <summary>An average of the weights over steps, in fp32.</summary>
    MovingAverage,

    /// <summary>The frozen model that preference training compares with.</summary>
    ReferenceModel,
    KeyValueCache,
    GatheredParameters,
    Activations,
    Recomputation,
    Logits,
    CommunicationBuffers,
    OptimizerTemporaries,
    CudaGraphs,
    Fragmentation,
    CudaContext,
    Nccl,
}
