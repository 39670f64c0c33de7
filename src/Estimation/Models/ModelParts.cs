namespace GpuMem.Estimation.Models;

/// <summary>
/// What a model is made of, layer by layer, where <see cref="ModelArchitecture"/>'s dimensions cannot say it: layers of several kinds, states beside
/// caches, tables for each layer. Counts of elements, not bytes.
/// </summary>
public sealed record ModelParts
{
    /// <summary>One for each layer, in order; equal layers may be the same object.</summary>
    public required IReadOnlyList<LayerParts> Layers { get; init; }

    /// <summary>Before the first layer: tables, norms and what mixes them in.</summary>
    public PartSizes Start { get; init; }

    /// <summary>After the last layer: norms, the output matrix unless it is the embedding, and what stands before it.</summary>
    public PartSizes End { get; init; }

    /// <summary>Of the input embedding, the part that is the output matrix too; the last of several pipeline stages keeps a copy of it.</summary>
    public long TiedHead { get; init; }

    /// <summary>Attentions, recurrent mixers and feed-forwards of all layers, one each in Nemotron-H, three in Falcon-H1, mostly two; 0 where no layer is recurrent.</summary>
    public int HybridBlocks { get; init; }

    /// <summary>Parameters of all parts.</summary>
    public long Total => checked(Start.Total + End.Total + Layers.Sum(layer => layer.Total));

    /// <summary>Parameters that work on one token.</summary>
    public long Active => checked(Total - Layers.Sum(layer => layer.Resting));
}

/// <summary>One layer of a model, counted exactly.</summary>
public sealed record LayerParts
{
    /// <summary>All but its routed experts.</summary>
    public required PartSizes Sizes { get; init; }

    /// <summary>Of these, weights of the dense feed-forward.</summary>
    public long FeedForward { get; init; }

    /// <summary>Of these, weights of experts that every token passes.</summary>
    public long SharedExperts { get; init; }

    /// <summary>Of these, weights that every rank holds and no engine quantises: what picks experts, or compresses keys and values (DeepSeek V4).</summary>
    public long Plain { get; init; }

    /// <summary>Routed experts; 0 in a dense layer.</summary>
    public int Experts { get; init; }

    /// <summary>Of the experts, those that work on a token.</summary>
    public int ActiveExperts { get; init; }

    /// <summary>One expert.</summary>
    public PartSizes Expert { get; init; }

    /// <summary>Of <see cref="Sizes"/>, what does not work on a given token: experts of attention, or ones that compute nothing.</summary>
    public long Idle { get; init; }

    /// <summary>What it keeps of each sequence while it generates.</summary>
    public IReadOnlyList<LayerCache> Caches { get; init; } = [];

    /// <summary>Its mixer keeps a state in place of keys and values.</summary>
    public bool IsRecurrent => Caches.Count > 0 && Caches.All(cache => cache.Elements == 0);

    /// <summary>Attention, recurrent mixer and feed-forward, as far as it has them.</summary>
    public int Blocks => (Caches.Any(cache => cache.Elements > 0) ? 1 : 0) + (Caches.Any(cache => cache.Elements == 0) ? 1 : 0) + (FeedForward + SharedExperts + Experts > 0 ? 1 : 0);

    /// <summary>Parameters of the layer.</summary>
    public long Total => checked(Sizes.Total + (Experts * Expert.Total));

    /// <summary>Parameters of experts that do not work on a given token.</summary>
    public long Resting => checked((Math.Max(0, Experts - ActiveExperts) * Expert.Total) + Idle);
}

/// <summary>Parameters by how tensor parallelism and quantisation treat them.</summary>
/// <param name="Divided">Weights of linear layers that tensor-parallel ranks divide.</param>
/// <param name="Whole">Weights of linear layers that each of them holds.</param>
/// <param name="Vectors">Norms, biases and other small tensors; whole on every rank.</param>
/// <param name="Tables">Embeddings, divided by rows.</param>
/// <param name="Head">The output matrix, divided by rows; 0 when it is an embedding.</param>
/// <param name="RowsAndColumns">Sum of rows and columns over all matrices.</param>
public readonly record struct PartSizes(long Divided, long Whole = 0, long Vectors = 0, long Tables = 0, long Head = 0, long RowsAndColumns = 0)
{
    /// <summary>All of them.</summary>
    public long Total => checked(Divided + Whole + Vectors + Tables + Head);

    /// <summary>Both together.</summary>
    public static PartSizes operator +(in PartSizes a, in PartSizes b) => checked(new(
        a.Divided + b.Divided, a.Whole + b.Whole, a.Vectors + b.Vectors, a.Tables + b.Tables, a.Head + b.Head, a.RowsAndColumns + b.RowsAndColumns));
}

/// <summary>What one layer keeps of one sequence: so much for each token, and so much however long it is. Counts of elements.</summary>
public readonly record struct LayerCache()
{
    /// <summary>Of keys and values together, for each token.</summary>
    public long Elements { get; init; }

    /// <summary>Heads that tensor-parallel ranks divide; 0 when each rank keeps all.</summary>
    public int Heads { get; init; }

    /// <summary>The same where keys and values are cached for every head, as transformers does with latent attention; 0 where that is no different.</summary>
    public long Expanded { get; init; }

    /// <summary>Bytes of an entry in the layout that vLLM packs it into (8-bit floats, scales, rotary part in 16 bits); 0 where it has none.</summary>
    public long PackedBytes { get; init; }

    /// <summary>Serving engines pack it whatever the type of the cache: keys by which sparse attention chooses tokens.</summary>
    public bool IsAlwaysPacked { get; init; }

    /// <summary>The layer reads what another one keeps: only an engine that gives every layer a cache keeps it (SGLang).</summary>
    public bool IsShared { get; init; }

    /// <summary>Tokens beyond which the oldest are dropped; null when all are kept.</summary>
    public long? Window { get; init; }

    /// <summary>transformers keeps all tokens although there is a window (Gemma 4 without shared layers, findings/transformers-gemma4-window.sh).</summary>
    public bool TransformersIgnoresWindow { get; init; }

    /// <summary>Tokens that share one entry, in layers that compress them.</summary>
    public int TokensPerEntry { get; init; } = 1;

    /// <summary>Channels of a convolution over the last tokens; 0 without.</summary>
    public long Channels { get; init; }

    /// <summary>Tokens that the convolution sees.</summary>
    public int Kernel { get; init; }

    /// <summary>Of a state, in the type of the cache.</summary>
    public long State { get; init; }

    /// <summary>Serving engines keep the state in fp32, as the model's configuration asks.</summary>
    public bool StateIsWide { get; init; }

    /// <summary>Of a state that is in fp32 everywhere.</summary>
    public long WideState { get; init; }
}
