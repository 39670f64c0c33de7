using GpuMem.Catalogues.Models;
using static GpuMem.Catalogues.Parts.Ends;

namespace GpuMem.Catalogues.Parts;

/// <summary>What models of one <c>model_type</c> are made of, as its class in huggingface/transformers builds them (src/transformers/models/TYPE).</summary>
internal sealed record ModelType
{
    private static readonly string[] LayerNames = ["num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_blocks", "decoder_layers", "num_decoder_layers"];
    private static readonly string[] KindNames = ["layer_types", "layers_block_type", "block_types", "attention_layers"];

    /// <summary>The parts of each layer, one after the other.</summary>
    public required Part[] Layer { get; init; }

    /// <summary>Before the layers; the table of tokens comes by itself.</summary>
    public Part[] Start { get; init; } = [];

    /// <summary>After the layers; the output matrix comes by itself, unless it is the table of tokens.</summary>
    public Part[] End { get; init; } = [Norms(1)];

    /// <summary>Output matrix and table are one tensor when the file does not say.</summary>
    public bool Tied { get; init; }

    /// <summary>They are one tensor, or are not, whatever the file says.</summary>
    public bool? AlwaysTied { get; init; }

    /// <summary>Rows of the table of tokens; null for the vocabulary.</summary>
    public Func<LayerScope, long>? TokenRows { get; init; }

    /// <summary>Width of the table of tokens; null for the hidden size.</summary>
    public Func<LayerScope, long>? TokenWidth { get; init; }

    /// <summary>Rows and columns of the output matrix; null for vocabulary and hidden size, or for none where it is the table.</summary>
    public Func<LayerScope, (long Rows, long Columns)>? Output { get; init; }

    /// <summary>How many layers there are; null for the usual fields.</summary>
    public Func<ConfigFields, long>? Layers { get; init; }

    /// <summary>What a layer is, where the file does not list it.</summary>
    public Func<LayerScope, string?>? KindOf { get; init; }

    /// <summary>It writes text token by token and caches what it has read.</summary>
    public bool HasCache { get; init; } = true;

    public int LayersOf(ConfigFields fields) => LayerScope.Int(Layers?.Invoke(fields) ?? Listed(fields) ?? fields.RequiredNumber(LayerNames));

    /// <summary>A list of one entry for each layer, or a text of one letter for each, counts them where no number does.</summary>
    private static long? Listed(ConfigFields fields) => fields.Number(LayerNames) ?? fields.Texts("layers_block_type")?.Count;

    /// <summary>The kind of the scope's layer.</summary>
    public string? Kind(LayerScope scope)
    {
        if (KindOf?.Invoke(scope) is { } own)
            return own;
        foreach (var name in KindNames)
        {
            if (scope.At(name) is { } kind)
                return kind;
        }

        return null;
    }
}
