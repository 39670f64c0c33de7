using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Models;

/// <summary>The built-in models, indexed by every name under which they are found.</summary>
internal sealed class CatalogueContents
{
    private readonly Dictionary<string, BuiltInModel> _byKey = [];

    private CatalogueContents(IReadOnlyList<BuiltInModel> models, IEnumerable<(string Name, BuiltInModel Model)> names)
    {
        Models = models;
        (ModelName Name, BuiltInModel Model)[] parsed = [.. names.Select(pair => (ModelName.Of(pair.Name), pair.Model))];

        // A name as it is written goes before one of which a tag is left out.
        foreach (var (name, model) in parsed)
            _byKey.TryAdd(name.Full, model);
        foreach (var (name, model) in parsed)
            _byKey.TryAdd(name.Short, model);
        foreach (var (name, model) in parsed)
        {
            // A checkpoint in few bits stands for nothing but itself.
            if (name.Quantization is null)
                _byKey.TryAdd(name.Bare, model);
        }
    }

    public IReadOnlyList<BuiltInModel> Models { get; }

    public static CatalogueContents Load()
    {
        var counted = CountedModels.Load();
        var configs = PublishedConfigs.Load();
        var byId = counted.Concat(configs.Models).ToDictionary(model => model.Id);
        return new CatalogueContents(
            [.. byId.Values],
            [
                .. counted.SelectMany(model => new[] { (model.Id, model), (model.OtherName!, model) }),
                .. configs.Models.Select(model => (model.Id, model)),
                .. configs.SameAs.Select(pair => (pair.Key, byId[pair.Value])),
            ]);
    }

    /// <param name="name">As somebody wrote it.</param>
    /// <param name="found">The closest: by the whole name, the short one, that without tags, and that without a date.</param>
    /// <param name="isWhole">The catalogue has it under that very name, so that no tag of it was left out.</param>
    public bool TryFind(ModelName name, [NotNullWhen(true)] out BuiltInModel? found, out bool isWhole)
    {
        isWhole = _byKey.TryGetValue(name.Full, out found) || _byKey.TryGetValue(name.Short, out found);
        return isWhole || _byKey.TryGetValue(name.Bare, out found) || _byKey.TryGetValue(name.Undated, out found);
    }

    /// <summary>Ids of models whose names are a few edits away.</summary>
    public IEnumerable<string> Close(ModelName name, int count) =>
        ClosestNames.To(name.Bare, _byKey.Keys, count).Select(key => _byKey[key].Id).Distinct();
}
