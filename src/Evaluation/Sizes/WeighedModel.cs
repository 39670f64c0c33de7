using System.Text;
using System.Text.Json;
using GpuMem.Catalogues.Models;

namespace GpuMem.Evaluation.Sizes;

/// <summary>A configuration, and what the real class of transformers weighs and caches that is made of it (hack/oracle.sh sizes).</summary>
public sealed record WeighedModel
{
    private static readonly string[] Kinds = ["causal", "image-text", "published"];

    /// <summary>The file's name without its ending: a <c>model_type</c>, or the name of a published configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The folder: causal, image-text or published.</summary>
    public required string Kind { get; init; }

    /// <summary>The <c>config.json</c>, as a file would state it; null when the class has no default.</summary>
    public required byte[]? Config { get; init; }

    /// <summary>Of all tensors, a tied one counted once; null when the class could not be made.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Bytes of the cache in 16 bits, for one more token and for a sequence of any length; null when it was not measured.</summary>
    public required (long PerToken, long PerSequence)? Cache { get; init; }

    /// <summary>Why the class could not be made; null when it could.</summary>
    public required string? Error { get; init; }

    /// <summary>The release of transformers that was asked.</summary>
    public required string Transformers { get; init; }

    /// <summary>All files of a folder, in the order of kinds and names.</summary>
    public static IReadOnlyList<WeighedModel> All(string folder) =>
        [.. Kinds.SelectMany(kind => Directory.GetFiles(Path.Combine(folder, kind), "*.json").Order(StringComparer.Ordinal).Select(file => Read(kind, file)))];

    private static WeighedModel Read(string kind, string file)
    {
        using var document = JsonDocument.Parse(PythonNumbers.AsNull(File.ReadAllBytes(file)));
        var root = document.RootElement;
        return new WeighedModel
        {
            Name = Path.GetFileNameWithoutExtension(file),
            Kind = kind,
            Config = root.TryGetProperty("config", out var config) ? Encoding.UTF8.GetBytes(config.GetRawText()) : null,
            Parameters = root.TryGetProperty("parameters", out var parameters) ? parameters.GetInt64() : null,
            Cache = root.TryGetProperty("cache", out var cache) && cache.ValueKind == JsonValueKind.Object
                ? ((long)cache.GetProperty("bytesPerToken").GetDouble(), (long)cache.GetProperty("constantBytes").GetDouble())
                : null,
            Error = root.TryGetProperty("error", out var error) ? error.GetString() : null,
            Transformers = root.GetProperty("versions").GetProperty("transformers").GetString()!,
        };
    }
}
