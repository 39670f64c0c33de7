namespace GpuMem.Estimation.Ranks;

/// <summary>Layers of one model that differ in size.</summary>
internal enum LayerKind
{
    /// <summary>Attention and one feed-forward; in encoder-decoders, of the decoder with cross-attention.</summary>
    Dense,

    /// <summary>Attention and routed experts.</summary>
    Experts,

    /// <summary>Of an encoder beside a decoder.</summary>
    Encoder,

    /// <summary>A recurrent state in place of attention.</summary>
    StateSpace,
}
