using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Models;

/// <summary>The built-in models, indexed by every name under which they are found.</summary>
internal sealed class CatalogueContents
{
    // A word of fewer letters says nothing: "x" is one of Mixtral-8x7B's.
    private const int FewLetters = 3;

    private readonly Dictionary<string, BuiltInModel> _whole;
    private readonly Lazy<Dictionary<string, BuiltInModel>> _bare;

    private CatalogueContents(IReadOnlyList<BuiltInModel> models, IReadOnlyList<(string Name, BuiltInModel Model)> names)
    {
        Models = models;
        _whole = new Dictionary<string, BuiltInModel>(2 * names.Count);
        foreach (var (name, model) in names)
            _whole.TryAdd(NameTokens.Of(name), model);
        foreach (var (name, model) in names)
            _whole.TryAdd(ModelName.WithoutOwner(name), model);

        // Most names are whole ones: those without tags are made when one is not.
        _bare = new Lazy<Dictionary<string, BuiltInModel>>(() => Bare(names));
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
        isWhole = _whole.TryGetValue(name.Full, out found) || _whole.TryGetValue(name.Short, out found);
        return isWhole || TryFind(name.Bare, out found) || TryFind(name.Undated, out found);
    }

    /// <summary>Ids of models whose names have more words, the shortest first, or are a few edits away.</summary>
    public IEnumerable<string> Close(ModelName name, int count)
    {
        List<string> known = [.. _whole.Keys.Union(_bare.Value.Keys)];
        var longer = known.Where(key => name.Bare.Length >= FewLetters && $" {key} ".Contains($" {name.Bare} ", StringComparison.Ordinal)).OrderBy(key => key.Length).ThenBy(key => key, StringComparer.Ordinal);
        return longer.Concat(ClosestNames.To(name.Bare, known, count)).Select(key => TryFind(key, out var model) ? model.Id : key).Distinct().Take(count);
    }

    private bool TryFind(string key, [NotNullWhen(true)] out BuiltInModel? found) => _whole.TryGetValue(key, out found) || _bare.Value.TryGetValue(key, out found);

    private static Dictionary<string, BuiltInModel> Bare(IReadOnlyList<(string Name, BuiltInModel Model)> names)
    {
        var bare = new Dictionary<string, BuiltInModel>();
        foreach (var (text, model) in names)
        {
            // A checkpoint in few bits stands for nothing but itself.
            if (ModelName.Of(text) is { Quantization: null } name)
                bare.TryAdd(name.Bare, model);
        }

        return bare;
    }
}
