using GpuMem.Catalogues.Models;

namespace GpuMem.Catalogues.Parts;

/// <summary>The configuration while one of its layers is counted: its fields, its widths, which layer it is.</summary>
/// <param name="fields">The fields, the class's defaults behind them.</param>
/// <param name="layers">Layers of the model.</param>
/// <param name="hidden">Width of the model; null for the usual fields.</param>
internal sealed class LayerScope(ConfigFields fields, int layers, long? hidden = null)
{
    private static readonly string[] HeadNames = ["num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads", "decoder_attention_heads", "num_decoder_attention_heads"];
    private static readonly string[] KeyValueHeadNames = ["num_key_value_heads", "num_kv_heads", "n_head_kv"];

    private long? _hidden = hidden;
    private readonly Dictionary<string, IReadOnlyList<string>?> _lists = [];

    public ConfigFields Fields { get; } = fields;

    public int Layers { get; } = layers;

    /// <summary>Counted from 0.</summary>
    public int Index { get; set; }

    /// <summary>The kind of layer that the configuration names for this one, <c>sliding_attention</c> for example; null when it names none.</summary>
    public string? Kind { get; set; }

    public long Hidden => _hidden ??= Fields.RequiredNumber("hidden_size", "n_embd", "d_model", "n_embed", "embed_dim", "dim", "embedding_dim", "emb_dim", "width");

    /// <summary>Some layers have attention.</summary>
    public bool HasHeads => Heads0 is not null;

    public int Heads => Int(Heads0 ?? Fields.RequiredNumber(HeadNames));

    public int KeyValueHeads => Int(Fields.Number(KeyValueHeadNames) ?? Heads);

    public long HeadDimension => Fields.Number("head_dim", "kv_channels", "d_kv", "dim_head", "d_head") is > 0 and var stated ? stated
        : Heads > 0 && Hidden % Heads == 0 ? Hidden / Heads
        : Heads > 0 ? Hidden / Heads : throw Fields.Refusal("num_attention_heads is 0; a layer with attention has at least one");

    public bool IsSliding => Kind is "sliding_attention" or "chunked_attention" or "local" or "sliding";

    private long? Heads0 => Fields.Number(HeadNames);

    /// <summary>A field that must be there.</summary>
    public long Need(params ReadOnlySpan<string> names) => Fields.RequiredNumber(names);

    /// <summary>A field that may be missing; 0 then.</summary>
    public long Or0(params ReadOnlySpan<string> names) => Fields.Number(names) ?? 0;

    /// <summary>Layers of an encoder beside the layers that are counted one by one.</summary>
    public long FurtherLayers(string name) =>
        Or0(name) is var layers && layers <= ModelLimits.MaxLayers ? layers : throw Fields.Refusal($"{name} is {layers}; at most {ModelLimits.MaxLayers} are accepted");

    public bool Is(string name, bool otherwise = false) => Fields.Flag(name) ?? otherwise;

    /// <summary>The text of a list of one for each layer.</summary>
    public string? At(string name)
    {
        if (!_lists.TryGetValue(name, out var texts))
            _lists[name] = texts = Fields.Texts(name) ?? Fields.Defaults?.Cycle(name);
        return texts is { Count: > 0 } ? texts[Index % texts.Count] : null;
    }

    internal static int Int(long value) => DecoderConfig.Int(value);
}
