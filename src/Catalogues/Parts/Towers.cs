using GpuMem.Catalogues.Models;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>What towers for pictures and sound are made of: patches, positions, layers, heads.</summary>
internal static class Towers
{
    /// <summary>Parts of a nested configuration; what is known is rough without it.</summary>
    public static Part In(string name, params Part[] parts) => In(name, null, parts);

    /// <summary>As above, of a tower whose width stands in a field of another name.</summary>
    public static Part In(string name, Func<ConfigFields, long?>? hidden, params Part[] parts) => (scope, count) =>
    {
        if (scope.Fields.Part(name) is { } nested)
            Count(nested, hidden, parts, count);
        else
            count.Rough();
    };

    /// <summary>The tower of the kind that a nested configuration states as its type; where the kind is not known, roughly.</summary>
    /// <param name="name">Of the nested configuration.</param>
    /// <param name="optional">The model may do without it.</param>
    public static Part Tower(string name, bool optional = false) => (scope, count) =>
    {
        if (scope.Fields.Part(name) is not { } nested)
        {
            if (!optional)
                count.Rough();
            return;
        }

        if (TowerKinds.Find(nested.ModelType) is { } parts)
        {
            Count(nested, null, parts, count);
            return;
        }

        count.Vector(VisionConfig.Read(nested));
        count.Rough();
    };

    /// <summary>So many equal layers of attention and a feed-forward of two matrices, or three.</summary>
    /// <param name="bias">Of queries, keys and values; null for yes.</param>
    /// <param name="outputBias">Of the output matrix; null for as queries.</param>
    /// <param name="innerBias">Of the feed-forward; null for as queries.</param>
    /// <param name="normBias">Norms have biases.</param>
    /// <param name="gated">Three feed-forward matrices.</param>
    /// <param name="width">Of the feed-forward; null for the usual fields.</param>
    /// <param name="keyBias">Keys have a bias.</param>
    /// <param name="norms">Norms of each layer.</param>
    /// <param name="extra">Further elements of each layer.</param>
    /// <param name="layers">How many; null for the usual fields.</param>
    public static Part Blocks(
        Func<LayerScope, bool>? bias = null, Func<LayerScope, bool>? outputBias = null, Func<LayerScope, bool>? innerBias = null, bool normBias = true, bool gated = false,
        Func<LayerScope, long>? width = null, bool keyBias = true, int norms = 2, Func<LayerScope, long>? extra = null, Func<LayerScope, long>? layers = null) => (scope, count) =>
    {
        var (number, hidden) = (layers?.Invoke(scope) ?? scope.Layers, scope.Hidden);
        var (query, key) = Heads(scope);
        var inner = width?.Invoke(scope) ?? FeedForward(scope);
        var biased = bias?.Invoke(scope) ?? true;
        count.Matrix(hidden, query, 2 * number);
        count.Matrix(hidden, key, 2 * number);
        count.Matrix(hidden, inner, (gated ? 3 : 2) * number);
        count.Vector(Times(number, query + key + (keyBias ? key : 0)), biased);
        count.Vector(Times(number, hidden), outputBias?.Invoke(scope) ?? biased);
        count.Vector(Times(number, Times(gated ? 2 : 1, inner) + hidden), innerBias?.Invoke(scope) ?? biased);
        count.Vector(Times(number * norms, (normBias ? 2 : 1) * hidden));
        count.Vector(Times(number, extra?.Invoke(scope) ?? 0));
    };

    /// <summary>The convolution that makes a vector of each patch.</summary>
    /// <param name="bias">It has one.</param>
    /// <param name="frames">Pictures of a film that share a patch; null for one.</param>
    public static Part Patches(bool bias = true, Func<LayerScope, long>? frames = null) => (scope, count) =>
    {
        count.Matrix(scope.Hidden, Times(Channels(scope), Area(scope, "patch_size"), frames?.Invoke(scope) ?? 1));
        count.Vector(scope.Hidden, bias);
    };

    /// <summary>Patches of two pictures of a film.</summary>
    public static long Frames(LayerScope scope) => scope.Fields.Number("temporal_patch_size") ?? 2;

    /// <summary>One learned position for each patch of the largest picture.</summary>
    /// <param name="extra">Further rows, for a class token.</param>
    public static Part PatchPositions(long extra = 0) => (scope, count) => count.Table(PatchesOfPicture(scope) + extra, scope.Hidden);

    /// <summary>Patches of the largest picture.</summary>
    public static long PatchesOfPicture(LayerScope scope)
    {
        var ((width, height), (across, down)) = (Sides(scope, "image_size"), Sides(scope, "patch_size"));
        return across > 0 && down > 0 ? Times(width / across, height / down) : 0;
    }

    /// <summary>A vector of the tower's width: a class token, a query.</summary>
    public static void Token(LayerScope scope, PartCount count) => count.Vector(scope.Hidden);

    /// <summary>One query that attends to all patches, and a feed-forward.</summary>
    public static void Pooling(LayerScope scope, PartCount count)
    {
        Token(scope, count);
        Blocks(norms: 1, layers: _ => 1)(scope, count);
    }

    /// <summary>Convolution over neighbours to the left, to the right, above and below.</summary>
    public static void Convolution(PartCount count, long from, long to, bool bias = true, long area = 9)
    {
        count.Matrix(from, Times(area, to));
        count.Vector(to, bias);
    }

    public static long Channels(LayerScope scope) => scope.Fields.Number("num_channels", "in_channels", "in_chans") ?? 3;

    /// <summary>Product of the two sides that a field gives, one by one or as one number.</summary>
    public static long Area(LayerScope scope, string name)
    {
        var (width, height) = Sides(scope, name);
        return Times(width, height);
    }

    /// <summary>Widths of all heads of queries, and of keys.</summary>
    private static (long Query, long Key) Heads(LayerScope scope)
    {
        var (heads, width) = (scope.Fields.Number("num_attention_heads", "num_heads") ?? 1, scope.Fields.Number("head_dim", "d_kv"));
        var query = width is { } stated ? Times(heads, stated) : scope.Hidden;
        return scope.Fields.Number("num_key_value_heads") is { } shared && heads > 0 ? (query, Times(shared, query / heads)) : (query, query);
    }

    private static long FeedForward(LayerScope scope) =>
        scope.Fields.Number("intermediate_size", "mlp_dim", "encoder_ffn_dim", "d_ff") ?? (scope.Fields.Fraction("mlp_ratio") is { } ratio ? (long)(scope.Hidden * ratio) : Times(4, scope.Hidden));

    private static (long Width, long Height) Sides(LayerScope scope, string name) =>
        scope.Fields.Numbers(name) is { } sides ? sides is [var width, var height] ? (width, height) : throw scope.Fields.Refusal($"{name} has {sides.Count} numbers; expected two") : (scope.Need(name), scope.Need(name));

    /// <summary>A language model that reads, beside the one that writes.</summary>
    /// <param name="name">Of its nested configuration.</param>
    /// <param name="shared">Its table of tokens is the other's.</param>
    public static Part Language(string name, bool shared = false) => (scope, count) =>
    {
        if (scope.Fields.Part(name) is not { } nested)
            return;
        var model = ModelConfig.Read(nested, name);
        count.Vector(model.Parameters - (shared ? Times(model.VocabularySize, model.HiddenSize) : 0));
    };

    private static void Count(ConfigFields nested, Func<ConfigFields, long?>? hidden, Part[] parts, PartCount count)
    {
        var layers = nested.Number("num_hidden_layers") ?? nested.Number("depth", "num_layers", "encoder_layers", "layers", "num_blocks") ?? 0;
        var inner = new LayerScope(nested, LayerScope.Int(layers), hidden?.Invoke(nested));
        foreach (var part in parts)
            part(inner, count);
    }
}
