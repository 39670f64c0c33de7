using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>The kinds of towers for pictures and sound, and of projectors.</summary>
internal static class Towers
{
    /// <summary>Parts of a nested configuration, where the model has it.</summary>
    public static Part In(string name, params Part[] parts) => (scope, count) =>
    {
        if (scope.Fields.Nested(name) is not { } nested)
            return;
        var layers = nested.Number("num_hidden_layers", "depth", "num_layers", "encoder_layers", "layers") ?? 0;
        var inner = new LayerScope(nested, LayerScope.Int(layers));
        foreach (var part in parts)
            part(inner, count);
    };

    /// <summary>So many equal layers of attention and a feed-forward of two matrices, or three.</summary>
    /// <param name="bias">Linear layers have biases.</param>
    /// <param name="normBias">Norms have biases.</param>
    /// <param name="gated">Three feed-forward matrices.</param>
    /// <param name="width">Of the feed-forward; null for the usual fields.</param>
    /// <param name="keyBias">Keys have a bias.</param>
    /// <param name="norms">Norms of each layer.</param>
    /// <param name="extra">Further elements of each layer.</param>
    /// <param name="layers">How many; null for the usual fields.</param>
    public static Part Blocks(
        bool bias = true, bool normBias = true, bool gated = false, Func<LayerScope, long>? width = null, bool keyBias = true, int norms = 2,
        Func<LayerScope, long>? extra = null, Func<LayerScope, long>? layers = null) => (scope, count) =>
    {
        var (number, hidden) = (layers?.Invoke(scope) ?? scope.Layers, scope.Hidden);
        var inner = width?.Invoke(scope) ?? scope.Fields.Number("intermediate_size", "mlp_dim", "encoder_ffn_dim") ?? (scope.Fields.Fraction("mlp_ratio") is { } ratio ? (long)(hidden * ratio) : Times(4, hidden));
        count.Matrix(hidden, hidden, 4 * number);
        count.Matrix(hidden, inner, (gated ? 3 : 2) * number);
        if (bias)
            count.Vector(Times(number, (keyBias ? 5 : 4) * hidden) + Times(number, gated ? 2 : 1, inner));
        count.Vector(Times(number * norms, (normBias ? 2 : 1) * hidden));
        count.Vector(Times(number, extra?.Invoke(scope) ?? 0));
    };

    /// <summary>The convolution that makes a vector of each patch.</summary>
    /// <param name="bias">It has one.</param>
    /// <param name="frames">Pictures of a film that share a patch.</param>
    public static Part Patches(bool bias = true, Func<LayerScope, long>? frames = null) => (scope, count) =>
    {
        var side = scope.Need("patch_size");
        count.Matrix(scope.Hidden, Times(scope.Fields.Number("num_channels", "in_channels", "in_chans") ?? 3, Times(side, side), frames?.Invoke(scope) ?? 1));
        count.Vector(scope.Hidden, bias);
    };

    /// <summary>One learned position for each patch of the largest picture.</summary>
    /// <param name="extra">Further rows, for a class token.</param>
    public static Part PatchPositions(long extra = 0) => (scope, count) =>
    {
        var side = scope.Need("patch_size") is > 0 and var patch ? scope.Need("image_size") / patch : 0;
        count.Vector(Times(Times(side, side) + extra, scope.Hidden));
    };

    /// <summary>Two linear layers with biases from the tower's width to the text's.</summary>
    /// <param name="from">Width that goes in.</param>
    /// <param name="to">Width of the text.</param>
    /// <param name="bias">Both have biases.</param>
    public static Part TwoLayers(Func<LayerScope, long> from, Func<LayerScope, long> to, Func<LayerScope, bool>? bias = null) => (scope, count) =>
    {
        var (input, output) = (from(scope), to(scope));
        count.Matrix(input, output);
        count.Matrix(output, output);
        count.Vector(2 * output, bias?.Invoke(scope) ?? true);
    };

    /// <summary>One linear layer.</summary>
    public static Part Linear(Func<LayerScope, long> from, Func<LayerScope, long> to, bool bias = true) => (scope, count) =>
    {
        count.Matrix(from(scope), to(scope));
        count.Vector(to(scope), bias);
    };

    /// <summary>A width of the language model.</summary>
    public static long TextWidth(LayerScope scope) => (scope.Fields.Nested("text_config") ?? scope.Fields.Nested("llm_config") ?? scope.Fields).RequiredNumber("hidden_size", "n_embd", "d_model");

    /// <summary>A width of the picture tower.</summary>
    public static long VisionWidth(LayerScope scope) => scope.Fields.Nested("vision_config")?.RequiredNumber("hidden_size", "embed_dim", "width") ?? 0;

    /// <summary>CLIP's picture tower (arXiv 2103.00020).</summary>
    public static readonly Part[] Clip = [Patches(bias: false), PatchPositions(1), (s, c) => c.Vector(s.Hidden), Ends.Norms(2, bias: true), Blocks()];

    /// <summary>SigLIP's (arXiv 2303.15343), with its pooling head unless <paramref name="head"/> says otherwise.</summary>
    public static Part[] Siglip(bool head = true) =>
    [
        Patches(), PatchPositions(), Ends.Norms(1, bias: true), Blocks(),
        (s, c) =>
        {
            if (head && s.Is("vision_use_head", true))
                Pooling(s, c);
        },
    ];

    /// <summary>One query that attends to all patches, and a feed-forward.</summary>
    public static void Pooling(LayerScope scope, PartCount count)
    {
        count.Vector(scope.Hidden);
        Blocks(norms: 1, layers: _ => 1)(scope, count);
    }

    /// <summary>Qwen's merger of neighbouring patches: a norm and two layers, as wide inside as the patches together.</summary>
    /// <param name="wideNorm">The norm is over the patches together.</param>
    /// <param name="normBias">It has a bias.</param>
    public static Part Merger(bool wideNorm = false, bool normBias = true) => (scope, count) =>
    {
        var merged = Times(scope.Hidden, scope.Fields.Number("spatial_merge_size") ?? 2, scope.Fields.Number("spatial_merge_size") ?? 2);
        var to = scope.Fields.Number("out_hidden_size", "hidden_size") ?? scope.Hidden;
        count.Vector((normBias ? 2 : 1) * (wideNorm ? merged : scope.Hidden));
        count.Matrix(merged, merged);
        count.Matrix(merged, to);
        count.Vector(merged + to);
    };
}
