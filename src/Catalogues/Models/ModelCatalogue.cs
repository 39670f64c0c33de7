using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Models;

/// <summary>The models whose dimensions are built in, by Hugging Face id, unambiguous short name, or either with the tags of a variant.</summary>
public static class ModelCatalogue
{
    private const int MaxNameLength = 200;

    private static readonly Lazy<CatalogueContents> Contents = new(CatalogueContents.Load);

    private static readonly Lazy<IReadOnlyList<ModelArchitecture>> EverySized = new(() => [.. Contents.Value.Models.Select(Sized).OfType<ModelArchitecture>()]);

    /// <summary>Of every model, also of those that are known and cannot be sized.</summary>
    public static IReadOnlyList<string> Ids => [.. Contents.Value.Models.Select(model => model.Id)];

    /// <summary>All that can be sized.</summary>
    public static IReadOnlyList<ModelArchitecture> All => EverySized.Value;

    /// <remarks>
    /// A tag that says how weights are stored (<c>-FP8</c>, <c>-AWQ</c>) gives the model with weights stored so. Sizes and generations are never
    /// confused: what is left of a name without its tags is compared as a whole.
    /// </remarks>
    /// <param name="problem">Why not, with the closest names ("did you mean …"), when the result is false.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem)
    {
        (model, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
        {
            problem = $"a model name has 1 to {MaxNameLength} characters, such as meta-llama/Llama-3.1-8B; this one has {name?.Length ?? 0}";
            return false;
        }

        if (GgufTag.Split(name) is var (plain, tag))
        {
            if (!TryFind(plain, out model, out problem))
                return false;
            model = GgufTag.Stored(model, tag);
            return true;
        }

        var asked = ModelName.Of(name);
        if (!Contents.Value.TryFind(asked, out var found, out var isWhole) && !Contents.Value.TryFind(asked = ModelName.Of(WithoutFirstOwner(name)), out found, out isWhole))
        {
            var suggestions = string.Join(", ", Contents.Value.Close(asked, count: 3));
            problem = $"model '{name}' is not built in; "
                + (suggestions.Length > 0 ? $"did you mean {suggestions}? Or give" : "give")
                + " its Hugging Face config.json as spec.model.config, or a rough size as spec.model.parameters";
            return false;
        }

        try
        {
            model = found.Architecture;
            if (!isWhole && VariantLengths.Of(asked.Short) is { } tokens)
                model = model with { ContextLength = tokens };
            if (asked.SaysStorage && !(isWhole && model.CheckpointQuantization is not null))
                model = Stored(model, asked.Quantization);
            return true;
        }
        catch (ModelFormatException error)
        {
            problem = $"{error.Message}; give a rough size as spec.model.parameters";
            return false;
        }
    }

    /// <summary>Copies are called after whose they are: <c>bartowski/Qwen_Qwen3-8B-GGUF</c>.</summary>
    private static string WithoutFirstOwner(string name) => name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..];

    private static ModelArchitecture Stored(ModelArchitecture model, QuantizationSpec? format) => model with
    {
        CheckpointQuantization = format is null ? null : new CheckpointStorage(format, CheckpointStorage.UsualParts(format.Scheme, model.Experts is not null)),
        UnknownStorage = null,
    };

    private static ModelArchitecture? Sized(BuiltInModel model)
    {
        try
        {
            return model.Architecture;
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }
}
