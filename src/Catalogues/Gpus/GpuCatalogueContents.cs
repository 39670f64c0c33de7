using System.Text.Json;

namespace GpuMem.Catalogues.Gpus;

/// <summary>The built-in accelerators, indexed by every name under which they are found.</summary>
internal sealed class GpuCatalogueContents
{
    public required IReadOnlyList<GpuModel> Gpus { get; init; }

    public required IReadOnlyDictionary<string, GpuModel> ByKey { get; init; }

    /// <summary>Those whose name has all of these words: of <c>A100</c> the one of 40 and the one of 80 GB.</summary>
    public IEnumerable<GpuModel> Like(string name)
    {
        var words = Words(name);
        return words.Count == 0 ? [] : Gpus.Where(gpu => words.IsSubsetOf(Words(gpu.Name)));
    }

    public static GpuCatalogueContents Load()
    {
        using var document = JsonDocument.Parse(BuiltIn.Open("gpus.json"));
        IReadOnlyList<GpuModel> gpus = [.. document.RootElement.GetProperty("gpus").EnumerateArray().Select(Read)];
        var byKey = new Dictionary<string, GpuModel>();

        // What nodes report comes before what people type, so that a short form never hides a product label.
        foreach (var gpu in gpus)
        {
            foreach (var name in gpu.Aliases.Prepend(gpu.Name))
                byKey.TryAdd(NameTokens.Of(name), gpu);
        }

        foreach (var gpu in gpus)
        {
            foreach (var name in GpuShortForms.Of(gpu.Name))
                byKey.TryAdd(NameTokens.Of(name), gpu);
        }

        return new GpuCatalogueContents { Gpus = gpus, ByKey = byKey };
    }

    private static GpuModel Read(JsonElement entry)
    {
        long? label = entry.GetProperty("label_memory_mib") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
        var visible = entry.GetProperty("cuda_visible_gib") is { ValueKind: JsonValueKind.Number } gib ? Bytes.FromGiB(gib.GetDecimal()) : (Bytes?)null;
        var nominal = UsableShare.OfBytes(entry.GetProperty("nominal_gb").GetInt64() * 1_000_000_000);
        return new GpuModel
        {
            Name = entry.GetProperty("name").GetString()!,
            Vendor = Vendor(entry.GetProperty("vendor").GetString()!),
            Aliases = [.. entry.GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()!)],
            LabelMemoryMiB = label,
            UsableMemory = visible ?? (label is { } mebibytes ? UsableShare.OfCard(mebibytes) : nominal),
            MemoryIsKnown = visible is not null || label is not null,
            NvLinkDomain = NvLinkDomain(entry.GetProperty("link").GetString()!),
            Bf16Teraflops = entry.GetProperty("bf16_dense_tflops") is { ValueKind: JsonValueKind.Number } teraflops ? teraflops.GetDouble() : null,
            MigProfiles = [.. entry.GetProperty("mig_profiles").EnumerateArray().Select(ReadProfile)],
        };
    }

    private static GpuVendor Vendor(string name) => name switch
    {
        "nvidia" => GpuVendor.Nvidia,
        "amd" => GpuVendor.Amd,
        "intel" => GpuVendor.Intel,
        "intel-habana" => GpuVendor.Habana,
        _ => throw new InvalidOperationException($"gpus.json: no vendor is called '{name}'"),
    };

    private static HashSet<string> Words(string name) =>
        new(name.Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries), StringComparer.OrdinalIgnoreCase);

    private static MigProfile ReadProfile(JsonElement profile) =>
        new(profile.GetProperty("profile").GetString()!, profile.GetProperty("memory_mib").GetInt64());

    /// <summary>Eight GPUs share an NVSwitch or Infinity Fabric board, 72 a GB200 rack, two a bridge.</summary>
    private static int NvLinkDomain(string link) => link switch
    {
        _ when link.Contains("NVL72", StringComparison.Ordinal) => 72,
        _ when link.Contains("bridge", StringComparison.Ordinal) => 2,
        _ when link.StartsWith("NVLink", StringComparison.Ordinal) || link.StartsWith("Infinity Fabric", StringComparison.Ordinal) => 8,
        _ => 1,
    };
}
