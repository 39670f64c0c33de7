namespace GpuMem.Serving;

/// <summary>What one model server on GPUs of one size can hold at once.</summary>
public sealed record InferenceCapacity
{
    /// <summary>Of one rank, left for the cache; zero when not even weights and activations fit.</summary>
    public required Bytes Cache { get; init; }

    /// <summary>Of one rank, added by one token while the sequence is shorter than any window.</summary>
    public required Bytes PerToken { get; init; }

    /// <summary>Tokens of all sequences together, at the length asked for.</summary>
    public required long Tokens { get; init; }

    /// <summary>Sequences of the length asked for (prompt and output together).</summary>
    public required long Sequences { get; init; }

    /// <summary>The longest single sequence.</summary>
    public required long MaxContext { get; init; }

    /// <summary>False where the model's family, a field of its configuration or its storage is not known: what does not fit by these figures may fit.</summary>
    public bool IsCertain { get; init; } = true;

    /// <summary>All sequences asked for fit; engines with pages start when one does.</summary>
    public required bool Fits { get; init; }
}
