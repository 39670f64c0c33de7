namespace GpuMem.Catalogues.Models;

/// <summary>Modules that a file names, and how it stores them.</summary>
/// <param name="Pattern">The modules.</param>
/// <param name="Format">Null where they stay in 16 bits.</param>
internal readonly record struct StorageRule(ModulePattern Pattern, QuantizationSpec? Format);

/// <summary>Turns a file's lists of modules into parts and runs of layers. The first rule that names a module decides.</summary>
/// <param name="model">The model.</param>
/// <param name="usual">The format that is meant where a part has none of its own.</param>
/// <param name="others">The format of linear layers in blocks that no rule names; null where they stay in 16 bits.</param>
/// <param name="rules">What the file says, in order.</param>
internal sealed class StorageRules(ModelArchitecture model, QuantizationSpec usual, QuantizationSpec? others, List<StorageRule> rules)
{
    /// <summary>ModelOpt's mixed exports list every quantised module with its format.</summary>
    public static List<StorageRule> OfLayers(ConfigFields fields) => fields.Nested("quantized_layers") is not { } layers ? [] :
    [
        .. from name in layers.Names()
           let stored = layers.Nested(name)
           where stored is not null
           let format = StoredFormat.OfAlgorithm(stored.Text("quant_algo"), StoredFormat.Group(stored))
           where format is not null
           from pattern in ModulePattern.Read(name)
           select new StorageRule(pattern, format),
    ];

    /// <summary>Groups of compressed-tensors: those for a class of layers are for all of them, the others name theirs.</summary>
    /// <returns>The format of the former.</returns>
    public static QuantizationSpec? AddGroups(ConfigFields fields, List<StorageRule> rules)
    {
        QuantizationSpec? all = null;
        var groups = fields.Nested("config_groups");
        foreach (var name in groups?.Names() ?? [])
        {
            if (groups!.Nested(name) is not { } group || group.Nested("weights") is not { } weights
                || StoredFormat.OfWeights(weights, group.Text("format") ?? fields.Text("format")) is not { } format)
                continue;
            foreach (var target in group.Texts("targets") ?? ["Linear"])
            {
                // A class begins with a capital letter, a module does not.
                if (target.Length > 0 && char.IsAsciiLetterUpper(target[0]))
                    all ??= format;
                else
                    rules.AddRange(ModulePattern.Read(target).Select(pattern => new StorageRule(pattern, format)));
            }
        }

        return all;
    }

    /// <summary>HQQ's configurations of the linear layers of one name each; what none names stays in 16 bits. None is followed where one cannot be.</summary>
    public static void AddNames(ConfigFields fields, List<StorageRule> rules)
    {
        if (fields.Nested("quant_config") is not { } names || names.Has("weight_quant_params"))
            return;
        var formats = names.Names().Select(name => (Name: name, Format: StoredFormat.OfHqq(names.Nested(name)))).ToList();
        if (formats.TrueForAll(named => named.Format is not null))
            rules.AddRange(formats.SelectMany(named => ModulePattern.Read(named.Name).Select(pattern => new StorageRule(pattern, named.Format))));
    }

    /// <summary>Quark's configurations of single layers, which come before the global one.</summary>
    public static void AddLayers(ConfigFields fields, List<StorageRule> rules)
    {
        var layers = fields.Nested("layer_quant_config");
        foreach (var name in layers?.Names() ?? [])
            if (StoredFormat.OfQuark(layers!.Nested(name)) is { } format)
                rules.AddRange(ModulePattern.Read(name).Select(pattern => new StorageRule(pattern, format)));
    }

    public IReadOnlyList<StoredPart> Parts(string? modelType)
    {
        // A GGUF file has every matrix in it.
        if (rules.Count == 0 && usual.Scheme >= QuantizationScheme.IQ1S)
            return CheckpointStorage.UsualParts(usual.Scheme, model.Experts is not null);
        var parts = new List<StoredPart>();
        var numbered = rules.Select((rule, index) => (rule, index)).Where(entry => entry.rule.Pattern.Layer is not null).ToLookup(entry => entry.rule.Pattern.Layer!.Value);
        foreach (var (part, modules) in ModuleNames.InLayers(model, modelType))
        {
            // The router is made without a quantisation in every engine, whatever a file leaves out.
            var unnamed = part == ModelPart.Router || (usual.Scheme == QuantizationScheme.MXFP4 && rules.Count == 0 && model.Experts is not null && part != ModelPart.RoutedExperts) ? null : others;
            var general = modules.Select(names => First(names, layer: null)).ToArray();
            var (first, format) = (0, default(QuantizationSpec));
            for (var layer = 0; layer <= model.Layers; layer++)
            {
                var here = layer == model.Layers ? null : numbered.Contains(layer) ? Most(modules.Select((names, at) => Earlier(general[at], First(names, numbered[layer]))), unnamed) : Most(general, unnamed);
                if (layer > 0 && here != format)
                {
                    Add(parts, part, first, layer, format);
                    first = layer;
                }

                format = here;
            }
        }

        foreach (var (part, modules) in ModuleNames.Elsewhere)
            Add(parts, part, 0, long.MaxValue, Most(modules.Select(names => First(names, layer: null)), part == ModelPart.Prediction && !rules.Exists(NamesPrediction) ? others : null));
        return parts;
    }

    /// <summary>DeepSeek counts its modules for further tokens on as layers.</summary>
    private bool NamesPrediction(StorageRule rule) => rule.Format is null && rule.Pattern.Layer >= model.Layers;

    private void Add(List<StoredPart> parts, ModelPart part, long first, long end, QuantizationSpec? format)
    {
        if (format is not null)
            parts.Add(new StoredPart(part, first, end == model.Layers ? long.MaxValue : end, format == usual ? null : format));
    }

    private int First(string[] names, int? layer) => rules.FindIndex(rule => rule.Pattern.Layer == layer && Array.Exists(names, rule.Pattern.Names));

    private static int First(string[] names, IEnumerable<(StorageRule Rule, int Index)> inLayer)
    {
        foreach (var (rule, index) in inLayer)
            if (Array.Exists(names, rule.Pattern.Names))
                return index;
        return -1;
    }

    private static int Earlier(int a, int b) => a < 0 ? b : b < 0 ? a : Math.Min(a, b);

    /// <summary>The format that most modules of a part have: files that split one are few, and its modules are of one size.</summary>
    private QuantizationSpec? Most(IEnumerable<int> deciding, QuantizationSpec? unnamed) =>
        deciding.Select(index => index < 0 ? unnamed : rules[index].Format).GroupBy(format => format).MaxBy(group => group.Count())!.Key;
}
