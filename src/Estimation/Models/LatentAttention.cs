namespace GpuMem.Estimation.Models;

/// <summary>Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1): keys and values come from one narrow vector per token.</summary>
public sealed record LatentAttention
{
    /// <summary>Width through which queries pass; 0 when they are computed directly.</summary>
    public int QueryRank { get; init; }

    /// <summary>Width of the vector that keys and values are computed from; with the rotary part, all that is cached.</summary>
    public required int KeyValueRank { get; init; }

    /// <summary>Per head, of the part without positions.</summary>
    public required int PlainHeadDimension { get; init; }

    /// <summary>Per head, of the rotary part; the keys' one is shared by all heads.</summary>
    public required int RotaryHeadDimension { get; init; }

    /// <summary>Of values.</summary>
    public required int ValueHeadDimension { get; init; }

    /// <summary>Elements cached per token and layer.</summary>
    public int CachedWidth => KeyValueRank + RotaryHeadDimension;
}
