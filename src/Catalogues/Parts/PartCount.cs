using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Parts;

/// <summary>Adds up the tensors of one layer, or of what lies before or after the layers.</summary>
internal sealed class PartCount
{
    private PartSizes _sizes;
    private long _idle;
    private readonly List<LayerCache> _caches = [];

    public int Experts { get; private set; }

    public int ActiveExperts { get; private set; }

    public PartSizes Expert { get; private set; }

    /// <summary>Width of the experts, of the shared ones together, of a dense feed-forward; 0 for what the layer does not have.</summary>
    public (long Expert, long Shared, long Dense, bool Gated) FeedForward { get; private set; } = (0, 0, 0, true);

    public PartSizes Sizes => _sizes;

    /// <summary>Some of it could not be counted, or only roughly.</summary>
    public bool IsRough { get; private set; }

    public void Rough() => IsRough = true;

    /// <summary>Weights of a linear layer that tensor-parallel ranks divide; a negative count takes away what another part has added.</summary>
    public void Matrix(long rows, long columns, long count = 1) => _sizes += new PartSizes(Times(rows, columns, count), RowsAndColumns: Times(Plus(rows, columns), 1, count));

    /// <summary>Weights of a linear layer that every rank holds: routers, projections to a narrow vector.</summary>
    public void Whole(long rows, long columns, long count = 1) => _sizes += new PartSizes(0, Whole: Times(count, rows, columns), RowsAndColumns: Times(count, Plus(rows, columns)));

    public void Vector(long elements, bool when = true) => _sizes += new PartSizes(0, Vectors: when ? elements : 0);

    public void Table(long rows, long columns) => _sizes += new PartSizes(0, Tables: Times(rows, columns), RowsAndColumns: Plus(rows, columns));

    public void Head(long rows, long columns) => _sizes += new PartSizes(0, Head: Times(rows, columns), RowsAndColumns: Plus(rows, columns));

    public void Cache(LayerCache cache) => _caches.Add(cache);

    /// <summary>Of the weights, those of the dense feed-forward, of shared experts, and those that no engine quantises.</summary>
    public (long Dense, long Shared, long Plain) Weights { get; private set; }

    /// <summary>So many matrices of a dense feed-forward.</summary>
    public void DenseMatrix(long rows, long columns, long count)
    {
        Matrix(rows, columns, count);
        Weights = Weights with { Dense = Plus(Weights.Dense, Times(rows, columns, count)) };
    }

    /// <summary>So many matrices of shared experts.</summary>
    public void SharedMatrix(long rows, long columns, long count)
    {
        Matrix(rows, columns, count);
        Weights = Weights with { Shared = Plus(Weights.Shared, Times(rows, columns, count)) };
    }

    /// <summary>Weights that every rank holds and no engine quantises: what picks experts, the gate of shared ones, what compresses keys and values.</summary>
    public void Plain(long rows, long columns, long count = 1)
    {
        Whole(rows, columns, count);
        Weights = Weights with { Plain = Plus(Weights.Plain, Times(rows, columns, count)) };
    }

    public void Dense(long width, bool gated) => FeedForward = FeedForward with { Dense = width, Gated = gated };

    public void Shared(long width) => FeedForward = FeedForward with { Shared = width };

    public void Routed(long experts, long active, long width, bool gated, PartSizes expert)
    {
        (Experts, ActiveExperts, Expert) = (LayerScope.Int(experts), LayerScope.Int(active), expert);
        FeedForward = FeedForward with { Expert = width, Gated = gated };
    }

    /// <summary>Part of what was counted does not work on a given token.</summary>
    public void Idle(long elements) => _idle += elements;

    public LayerParts Layer() => new()
    {
        Sizes = _sizes,
        Idle = _idle, FeedForward = Weights.Dense, SharedExperts = Weights.Shared, Plain = Weights.Plain, Experts = Experts, ActiveExperts = ActiveExperts, Expert = Expert, Caches = [.. _caches],
    };

    /// <summary>Products of what a file states; one too large for any model stays too large.</summary>
    internal static long Times(long a, long b, long c = 1) => DecoderConfig.Product(DecoderConfig.Product(a, b), c);

    internal static long Plus(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}

/// <summary>Counts one part of a layer.</summary>
internal delegate void Part(LayerScope scope, PartCount count);
