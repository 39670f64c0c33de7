using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>Networks of convolutions that turn a picture into codes out of a table, and codes into a picture (VQGAN, arXiv 2012.09841).</summary>
internal static class PictureCodes
{
    /// <summary>Chameleon's: it only reads pictures (arXiv 2405.09818).</summary>
    public static readonly Part[] Chameleon = [Encoder(AttendsAtResolution, Attention), Codes("num_embeddings")];

    /// <summary>Janus': attention in the narrowest level; it draws, too (arXiv 2410.13848).</summary>
    public static readonly Part[] Janus = [Encoder(IsNarrowest, Attention), Codes("num_embeddings"), Decoder(IsNarrowest, Attention, Plain)];

    /// <summary>Emu3's: convolutions over time behind those over the picture; what it draws is normed by the codes (arXiv 2409.18869).</summary>
    public static readonly Part[] Emu3 =
    [
        Encoder(AttendsAtLevel, Emu3Attention), OverTime(4), Codes("codebook_size", area: 3), Decoder(AttendsAtLevel, Emu3Attention, ByCodes), OverTime(3),
    ];

    private static Part Encoder(Func<LayerScope, int, bool> attends, Func<LayerScope, long, long> attention) => (scope, count) =>
    {
        var (levels, blocks) = (Levels(scope), scope.Need("num_res_blocks"));
        var width = scope.Need("base_channels");
        Convolution(count, Channels(scope), width);
        for (var level = 0; level < levels.Count; level++)
        {
            Level(scope, count, (width, levels[level]), blocks, attends(scope, level) ? attention : null, Plain);
            width = levels[level];

            if (level < levels.Count - 1)
                Convolution(count, width, width);
        }

        Middle(scope, count, width, attention, Plain);
        count.Vector(2 * width);
        Convolution(count, width, scope.Need("latent_channels") * (scope.Is("double_latent") ? 2 : 1));
    };

    private static Part Decoder(Func<LayerScope, int, bool> attends, Func<LayerScope, long, long> attention, Func<LayerScope, long, long> norm) => (scope, count) =>
    {
        var (levels, blocks) = (Levels(scope), scope.Need("num_res_blocks") + 1);
        var width = levels[^1];
        Convolution(count, scope.Need("latent_channels"), width);
        Middle(scope, count, width, attention, norm);
        for (var level = levels.Count - 1; level >= 0; level--)
        {
            Level(scope, count, (width, levels[level]), blocks, attends(scope, level) ? attention : null, norm);
            width = levels[level];

            if (level > 0)
                Convolution(count, width, width);
        }

        count.Vector(norm(scope, width));
        Convolution(count, width, scope.Fields.Number("out_channels") ?? 3);
    };

    /// <summary>The table, and what leads to its width and back.</summary>
    private static Part Codes(string field, long area = 1) => (scope, count) =>
    {
        var (latent, width) = (scope.Need("latent_channels"), scope.Need("embed_dim"));
        count.Table(scope.Need(field), width);
        Convolution(count, latent * (scope.Is("double_latent") && area == 1 ? 2 : 1), width, area: area);
        Convolution(count, width, latent, area: area);
    };

    /// <summary>Blocks, the first of which changes the width, each with attention behind it or without.</summary>
    private static void Level(LayerScope scope, PartCount count, (long From, long To) width, long blocks, Func<LayerScope, long, long>? attention, Func<LayerScope, long, long> norm)
    {
        if (blocks == 0)
            return;
        count.Vector(Residual(width.From, width.To, norm(scope, width.From) + norm(scope, width.To)));
        count.Vector(Times(blocks - 1, Residual(width.To, width.To, 2 * norm(scope, width.To))));
        count.Vector(attention is null ? 0 : Times(blocks, norm(scope, width.To) + attention(scope, width.To)));
    }

    private static void Middle(LayerScope scope, PartCount count, long width, Func<LayerScope, long, long> attention, Func<LayerScope, long, long> norm) =>
        count.Vector((2 * Residual(width, width, 2 * norm(scope, width))) + norm(scope, width) + attention(scope, width));

    private static long Residual(long from, long to, long norms) => norms + Times(9 * to, from + to) + (2 * to) + (from == to ? 0 : Times(to, from + 1));

    private static long Attention(LayerScope scope, long width) => Times(4 * width, width + 1);

    private static long Emu3Attention(LayerScope scope, long width) => Attention(scope, scope.Hidden);

    private static long Plain(LayerScope scope, long width) => 2 * width;

    private static long ByCodes(LayerScope scope, long width) => Times(2 * width, scope.Need("embed_dim") + 2);

    /// <summary>Convolutions that halve or double the number of pictures, and blocks behind them.</summary>
    private static Part OverTime(long frames) => (scope, count) =>
    {
        var (latent, halvings) = (scope.Need("latent_channels"), long.Log2(Math.Max(1, scope.Need("temporal_downsample_factor"))));
        var wide = frames == 4 && scope.Is("double_latent") ? 2 * latent : latent;
        count.Vector(Times(halvings, Times(9 * frames, wide, wide) + wide));
        count.Vector(Times(scope.Need("num_res_blocks"), Times(54, wide, wide) + (6 * wide)));
    };

    private static IReadOnlyList<long> Levels(LayerScope scope) =>
        scope.Fields.Numbers("channel_multiplier") is { Count: > 0 } levels ? [.. levels.Select(level => Times(level, scope.Need("base_channels")))]
            : throw scope.Fields.Refusal("channel_multiplier is missing or no list; the tower cannot be sized without it");

    private static bool AttendsAtResolution(LayerScope scope, int level) => scope.Fields.Numbers("attn_resolutions")?.Contains(scope.Need("resolution") >> level) == true;

    private static bool AttendsAtLevel(LayerScope scope, int level) => scope.Fields.Numbers("attn_resolutions")?.Contains(level) == true;

    private static bool IsNarrowest(LayerScope scope, int level) => level == scope.Fields.Numbers("channel_multiplier")?.Count - 1;
}
