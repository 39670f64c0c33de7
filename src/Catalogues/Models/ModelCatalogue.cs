using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Models;

/// <summary>The models whose dimensions are built in, by Hugging Face id or unambiguous short name.</summary>
public static class ModelCatalogue
{
    private const int MaxNameLength = 200;

    private static readonly Lazy<CatalogueContents> Contents = new(CatalogueContents.Load);

    public static IReadOnlyList<ModelArchitecture> All => Contents.Value.Models;

    /// <param name="problem">Why not, with the closest names ("did you mean …"), when the result is false.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out ModelArchitecture? model, [NotNullWhen(false)] out string? problem)
    {
        (model, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
        {
            problem = $"a model name has 1 to {MaxNameLength} characters, such as meta-llama/Llama-3.1-8B; this one has {name?.Length ?? 0}";
            return false;
        }

        var contents = Contents.Value;
        foreach (var key in ModelName.Keys(name))
        {
            if (contents.ByKey.TryGetValue(key, out model))
                return true;
        }

        var close = ClosestNames.To(ModelName.Keys(name)[^1], contents.ByKey.Keys, count: 3).Select(key => contents.ByKey[key].Name).Distinct();
        var suggestions = string.Join(", ", close);
        problem = $"model '{name}' is not built in; "
            + (suggestions.Length > 0 ? $"did you mean {suggestions}? Or give" : "give")
            + " its Hugging Face config.json as spec.model.config, or a rough size as spec.model.parameters";
        return false;
    }
}
