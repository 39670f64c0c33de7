using static GpuMem.Catalogues.Parts.Connectors;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>Towers that read sound.</summary>
internal static class SoundTowers
{
    /// <summary>Whisper's encoder as Qwen2.5-Omni has it: two convolutions, keys without a bias, two tokens around each sound (arXiv 2503.20215).</summary>
    public static readonly Part[] Qwen25Omni =
    [
        (s, c) =>
        {
            Convolution(c, s.Need("num_mel_bins"), s.Hidden, area: 3);
            Convolution(c, s.Hidden, s.Hidden, area: 3);
        },
        Blocks(keyBias: false), Norms(1, bias: true), Linear(s => s.Hidden, s => s.Need("output_dim")), Table(_ => 2, s => s.Need("output_dim")),
    ];

    /// <summary>Qwen3-Omni's: three convolutions over time and frequency (arXiv 2509.17765).</summary>
    public static readonly Part[] Qwen3Omni =
    [
        (s, c) =>
        {
            var (channels, bands) = (s.Need("downsample_hidden_size"), s.Need("num_mel_bins"));
            Convolution(c, 1, channels);
            Convolution(c, channels, channels);
            Convolution(c, channels, channels);
            c.Matrix(Times(channels, (bands + 7) / 8), s.Hidden);
        },
        Blocks(), Norms(1, bias: true), TwoLayers(s => s.Hidden, s => s.Need("output_dim"), inner: s => s.Hidden),
    ];

    /// <summary>Gemma's: convolution beside attention (Conformer, arXiv 2005.08100), between two feed-forwards.</summary>
    public static readonly Part[] Gemma4 =
    [
        (s, c) =>
        {
            var channels = s.Fields.Numbers("subsampling_conv_channels") is [var first, var second] ? (First: first, Second: second)
                : throw s.Fields.Refusal("subsampling_conv_channels is missing or not two numbers; the tower for sound cannot be sized without it");
            Convolution(c, 1, channels.First, bias: false);
            Convolution(c, channels.First, channels.Second, bias: false);
            c.Vector(channels.First + channels.Second);
            c.Matrix(Times(channels.First / 4, channels.Second), s.Hidden);

            c.Matrix(s.Hidden, s.Hidden, (5 + 16 + 3) * (long)s.Layers);
            c.Vector(Times(s.Layers, s.HeadDimension + ((s.Need("conv_kernel_size") + 9) * s.Hidden)));
        },
        Linear(s => s.Hidden, s => s.Need("output_proj_dims")),
    ];

    /// <summary>Phi-4-multimodal's: a Conformer with gated feed-forwards and gated convolutions (arXiv 2503.01743).</summary>
    public static readonly Part[] Phi4 =
    [
        (s, c) =>
        {
            var (channels, halvings) = (s.Need("nemo_conv_channels"), long.Log2(Math.Max(1, s.Need("time_reduction"))));
            Convolution(c, 1, channels, area: 9 * halvings);
            c.Matrix(channels, channels, halvings - 1);
            c.Vector(2 * (halvings - 1) * channels);
            c.Matrix(Times(channels, s.Fields.Number("nemo_final_size") ?? Halved(s.Need("input_size"), halvings)), s.Hidden);
            c.Vector(s.Hidden);
            c.Table(Times(s.Is("bias_symmetric") ? 1 : 2, s.Need("bias_max_distance")), s.Heads);
        },
        Blocks(gated: true), Blocks(gated: true, extra: Convolutions),

        // Two feed-forwards around one attention: the second layer's attention is not there.
        (s, c) =>
        {
            c.Matrix(s.Hidden, s.Hidden, -4 * (long)s.Layers);
            c.Vector(-Times(s.Layers, 4 * s.Hidden));
        },
    ];

    private static long Halved(long bands, long times)
    {
        for (; times > 0 && bands > 1; times--)
            bands = (bands + 1) / 2;
        return bands;
    }

    private static long Convolutions(LayerScope scope)
    {
        var (hidden, gated, separable) = (scope.Hidden, scope.Need("ext_pw_out_channel"), scope.Need("depthwise_separable_out_channel"));
        var deep = Times(hidden, scope.Fields.Number("depthwise_multiplier") ?? 1);
        return (2 * hidden) + Times(2 * gated, hidden + 2) + Times(deep, scope.Need("kernel_size") + 1) + Times(separable, deep + 1) + Times(gated, hidden + 1);
    }
}
