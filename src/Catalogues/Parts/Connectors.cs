using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>What leads from a tower to the language model: linear layers, mergers of patches, resamplers.</summary>
internal static class Connectors
{
    /// <summary>The width of the language model.</summary>
    public static long TextWidth(LayerScope scope) => (scope.Fields.Part("text_config") ?? scope.Fields).RequiredNumber("hidden_size", "n_embd", "d_model", "embed_dim");

    /// <summary>The width of the picture tower.</summary>
    public static long VisionWidth(LayerScope scope) => Width(scope, "vision_config");

    /// <summary>A number of a nested configuration; 0 without one.</summary>
    public static Func<LayerScope, long> Of(string name, string field) => scope => scope.Fields.Part(name)?.RequiredNumber(field) ?? 0;

    /// <summary>The width of a nested configuration.</summary>
    public static long Width(LayerScope scope, string name) => scope.Fields.Part(name)?.RequiredNumber("hidden_size", "embed_dim", "width", "d_model") ?? 0;

    /// <summary>Widths of as many patches as are joined along both sides.</summary>
    /// <param name="field">The number along one side; 2 unless stated.</param>
    public static Func<LayerScope, long> Joined(string field) => scope => Times(VisionWidth(scope), scope.Fields.Number(field) ?? 2, scope.Fields.Number(field) ?? 2);

    /// <summary>Width of what several layers of the picture tower return together.</summary>
    /// <param name="field">The layers, in a list; one where it is no list.</param>
    public static Func<LayerScope, long> LayersTogether(string field) => scope => Times(VisionWidth(scope), scope.Fields.Numbers(field)?.Count ?? 1);

    /// <summary>Two linear layers from the tower's width to the text's.</summary>
    /// <param name="from">Width that goes in.</param>
    /// <param name="to">Width of the text.</param>
    /// <param name="bias">Both have biases; null for yes.</param>
    /// <param name="inner">Width between them; null for the text's.</param>
    /// <param name="gated">Half of the first's result is a gate of the other half.</param>
    public static Part TwoLayers(Func<LayerScope, long> from, Func<LayerScope, long> to, Func<LayerScope, bool>? bias = null, Func<LayerScope, long>? inner = null, bool gated = false) => (scope, count) =>
    {
        var (input, output) = (from(scope), to(scope));
        var between = inner?.Invoke(scope) ?? output;
        count.Matrix(input, between);
        count.Matrix(gated ? between / 2 : between, output);
        count.Vector(between + output, bias?.Invoke(scope) ?? true);
    };

    /// <summary>One linear layer.</summary>
    public static Part Linear(Func<LayerScope, long> from, Func<LayerScope, long> to, bool bias = true) => (scope, count) =>
    {
        count.Matrix(from(scope), to(scope));
        count.Vector(to(scope), bias);
    };

    /// <summary>A norm of so many elements.</summary>
    public static Part Norm(Func<LayerScope, long> width, bool bias = true) => (scope, count) => count.Vector((bias ? 2 : 1) * width(scope));

    /// <summary>Queries, keys, values and an output matrix with biases, all of one width.</summary>
    public static Part Attention(Func<LayerScope, long> width) => (scope, count) =>
    {
        count.Matrix(width(scope), width(scope), 4);
        count.Vector(4 * width(scope));
    };

    /// <summary>Qwen's merger of neighbouring patches: a norm and two layers, as wide inside as the patches together.</summary>
    /// <param name="wideNorm">The norm is over the patches together.</param>
    /// <param name="normBias">It has a bias.</param>
    public static Part Merger(bool wideNorm = false, bool normBias = true) => (scope, count) =>
    {
        var merged = Times(scope.Hidden, scope.Fields.Number("spatial_merge_size") ?? 2, scope.Fields.Number("spatial_merge_size") ?? 2);
        var to = scope.Fields.Number("out_hidden_size") ?? scope.Fields.Number("hidden_size") ?? scope.Hidden;
        count.Vector((normBias ? 2 : 1) * (wideNorm ? merged : scope.Hidden));
        count.Matrix(merged, merged);
        count.Matrix(merged, to);
        count.Vector(merged + to);
    };

    /// <summary>GLM's merger: a convolution that joins patches, a norm, a gated feed-forward of the text's width.</summary>
    public static Part GatedMerger(Func<LayerScope, long> width) => (scope, count) =>
    {
        var (to, side) = (scope.Need("out_hidden_size"), scope.Fields.Number("spatial_merge_size") ?? 2);
        Convolution(count, scope.Hidden, to, area: Times(side, side));
        count.Matrix(to, to);
        count.Vector(2 * to);
        count.Matrix(to, width(scope), 3);
    };

    /// <summary>Queries that read a picture through a small BERT, every so many layers of which attend to the tower (BLIP-2, arXiv 2301.12597).</summary>
    /// <param name="from">Width of what it reads; null for what its configuration states.</param>
    /// <param name="text">It reads a text beside the queries, too.</param>
    public static Part QFormer(Func<LayerScope, long>? from = null, bool text = false) => (whole, total) => In(
        "qformer_config",
        Ends.Norms(1, bias: true), Blocks(),
        (s, c) =>
        {
            var step = Math.Max(1, s.Fields.Number("cross_attention_frequency") ?? 2);
            var layers = (s.Layers + step - 1) / step;
            c.Matrix(s.Hidden, s.Hidden, 2 * layers);
            c.Matrix(from?.Invoke(whole) ?? s.Need("encoder_hidden_size"), s.Hidden, 2 * layers);
            c.Vector(Times(layers, 6 * s.Hidden));
        },
        (s, c) =>
        {
            if (!text && !s.Is("use_qformer_text_input"))
                return;
            c.Matrix(s.Hidden, s.Need("intermediate_size"), 2 * s.Layers);
            c.Vector(Times(s.Layers, s.Need("intermediate_size") + (3 * s.Hidden)));
        },
        (s, c) =>
        {
            if (text)
                c.Table(s.Need("vocab_size") + s.Need("max_position_embeddings"), s.Hidden);
        })(whole, total);

    /// <summary>Aria's resampler: queries attend to the patches, behind matrices that queries, keys and values pass twice (arXiv 2410.05993).</summary>
    public static void AriaResampler(LayerScope scope, PartCount count)
    {
        var (width, text) = (VisionWidth(scope), TextWidth(scope));
        var queries = scope.Fields.Number("max_value_projector_patch_to_query_dict") ?? scope.Fields.Nested("projector_patch_to_query_dict")?.Number("4900", "1225") ?? 256;
        count.Vector(Times(queries, width));
        count.Matrix(width, width, 8);
        count.Vector(11 * width);
        count.Matrix(width, text);
        count.Matrix(text, text);
    }

    /// <summary>Idefics2's: queries of the text's width attend to patches and to themselves (arXiv 2405.02246).</summary>
    public static void Idefics2Resampler(LayerScope scope, PartCount count)
    {
        var (text, inner, width) = (TextWidth(scope), scope.Fields.Part("text_config")?.RequiredNumber("intermediate_size") ?? 0, VisionWidth(scope));
        count.Matrix(inner, (2 * width) + text);
        if (scope.Fields.Part("perceiver_config") is not { } perceiver)
            return;
        var (layers, head) = (perceiver.RequiredNumber("resampler_depth"), perceiver.RequiredNumber("resampler_head_dim"));
        count.Vector(Times(perceiver.RequiredNumber("resampler_n_latents"), text));
        count.Matrix(text, 2 * head * (perceiver.RequiredNumber("resampler_n_heads") + perceiver.RequiredNumber("num_key_value_heads")), layers);
        count.Matrix(text, 12 * text, layers);
        count.Vector(Times((3 * layers) + 1, text));
    }

    /// <summary>Flamingo's resampler, as Idefics has it (arXiv 2204.14198).</summary>
    public static void Perceiver(LayerScope scope, PartCount count)
    {
        if (!scope.Is("use_resampler") || scope.Fields.Part("perceiver_config") is not { } perceiver)
            return;
        var (layers, width, head) = (perceiver.RequiredNumber("resampler_depth"), VisionWidth(scope), perceiver.RequiredNumber("resampler_head_dim"));
        count.Vector(Times(perceiver.RequiredNumber("resampler_n_latents"), width) + (2 * width));
        count.Matrix(width, Times(perceiver.RequiredNumber("resampler_n_heads"), head), 4 * layers);
        count.Matrix(width, 4 * width, 2 * layers);
        count.Vector(Times(layers, (6 * width) + (perceiver.Flag("qk_layer_norms_perceiver") == true ? 4 * head : 0)));
    }

    /// <summary>Queries of the text's width that attend to the picture (Kosmos-2, arXiv 2306.14824).</summary>
    public static Part[] LatentQueries =>
    [
        (s, c) => c.Vector(Times(s.Need("latent_query_num"), TextWidth(s))), Linear(VisionWidth, TextWidth), Attention(TextWidth),
    ];

    /// <summary>Neighbouring patches of a picture, then of the pictures of a film, are joined, and each time two layers follow (ERNIE 4.5-VL).</summary>
    public static void ErnieResampler(LayerScope scope, PartCount count)
    {
        var vision = scope.Fields.Part("vision_config");
        var (side, frames) = (vision?.Number("spatial_merge_size") ?? 2, vision?.Number("temporal_merge_size") ?? 2);
        var (joined, text) = (Times(VisionWidth(scope), side, side), TextWidth(scope));
        count.Matrix(joined, joined, 3 + frames);
        count.Matrix(joined, text);
        count.Vector((8 * joined) + (2 * text));
    }

    /// <summary>A small Q-Former for each window of patches; so many of them for layers of the tower, four for corners (Granite 4 Vision).</summary>
    public static void WindowedQFormers(LayerScope scope, PartCount count)
    {
        const int corners = 4;
        var one = new PartCount();
        QFormer()(scope, one);
        var (width, text) = (VisionWidth(scope), TextWidth(scope));
        var sides = (scope.Fields.Text("downsample_rate") ?? "").Split('/');
        if (sides is not [var narrow, var wide] || !int.TryParse(narrow, CultureInfo.InvariantCulture, out var queries) || !int.TryParse(wide, CultureInfo.InvariantCulture, out var window))
            throw scope.Fields.Refusal("downsample_rate is missing or no ratio such as 4/8; the projectors cannot be sized without it");
        var projectors = corners + (scope.Fields.Length("deepstack_layer_map") ?? 0);
        var each = one.Sizes.Total + Times(width, ((long)queries * queries) + ((long)window * window) + 2) + Times(width, text) + text;
        count.Matrix(each, 1, projectors);
        count.Vector(text);
    }

    /// <summary>Two convolutions that halve both sides of SAM's picture each.</summary>
    public static Part Halvings(Func<LayerScope, long> from, Func<LayerScope, long> between, Func<LayerScope, long> to) => (scope, count) =>
    {
        Convolution(count, from(scope), between(scope), bias: false);
        Convolution(count, between(scope), to(scope), bias: false);
    };
}
