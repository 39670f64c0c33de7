namespace GpuMem.Catalogues.Models;

/// <summary>A model's name taken apart, as its runs of letters and digits (<see cref="NameTokens"/>).</summary>
internal sealed record ModelName
{
    // Of variants of one model, which have the same dimensions.
    private static readonly string[] TunedTags = [" hf", " instruct", " chat", " it", " pt", " thinking", " qat", " unsloth", " mlx", " quantized"];

    private const string Base = " base";

    /// <summary>With its owner.</summary>
    public required string Full { get; init; }

    /// <summary>Without: whoever publishes a copy publishes the same dimensions.</summary>
    public required string Short { get; init; }

    /// <summary>Without tags, and, where it says how many parameters the model has, without a date: one that says "base" and no number may mean the size.</summary>
    public required string Bare { get; init; }

    /// <summary>Without either in any case: it may be a release of a model that is known without a date.</summary>
    public required string Undated { get; init; }

    /// <summary>A tag says how the weights are stored.</summary>
    public required bool SaysStorage { get; init; }

    /// <summary>In how many bits; null where they have 16 or no tag says it.</summary>
    public required QuantizationSpec? Quantization { get; init; }

    public static string WithoutOwner(string name) => NameTokens.Of(name.AsSpan(name.LastIndexOf('/') + 1));

    public static ModelName Of(string name)
    {
        var shortName = WithoutOwner(name);
        var rest = shortName.StartsWith("meta llama ", StringComparison.Ordinal) ? shortName["meta ".Length..] : shortName;
        var (untuned, version, date, storage) = ("", "", "", default((string Text, QuantizationSpec? Stored)?));
        for (var length = -1; length != rest.Length;)
        {
            length = rest.Length;
            if (storage is null)
                rest = rest[..^OfExport(rest).Length];
            if (QuantizationTags.End(rest) is { } tag)
                (rest, storage) = (rest[..^tag.Text.Length], storage ?? tag);
            else if (Array.Find(TunedTags, tuned => rest.EndsWith(tuned, StringComparison.Ordinal)) is { } tuned)
                rest = rest[..^tuned.Length];
            else if (untuned.Length == 0 && rest.EndsWith(Base, StringComparison.Ordinal))
                (rest, untuned) = (rest[..^Base.Length], Base);
            else if (date.Length == 0 && NameEnds.Date(rest) is { Length: > 0 } dated)
                (rest, date) = (rest[..^dated.Length], dated);
            else if (version.Length == 0 && NameEnds.Version(rest) is { Length: > 0 } numbered)
                (rest, version) = (rest[..^numbered.Length], numbered);
        }

        return new ModelName
        {
            Full = NameTokens.Of(name),
            Short = shortName,
            Bare = NameEnds.SayTheSize(rest) ? rest + version : rest + untuned + version + date,
            Undated = rest + version,
            SaysStorage = storage is not null,
            Quantization = storage?.Stored,
        };
    }

    /// <summary>What stands behind a tag of storage is of the export and not of the model: its version, as of <c>DeepSeek-R1-0528-NVFP4-v2</c>, or that it is a preview.</summary>
    private static string OfExport(string runs)
    {
        const string preview = " preview";
        var end = runs.EndsWith(preview, StringComparison.Ordinal) ? preview : NameEnds.Version(runs);
        return end.Length > 0 && QuantizationTags.End(runs[..^end.Length]) is not null ? end : "";
    }
}
