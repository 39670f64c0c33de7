using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace GpuMem.Catalogues.Gpus;

/// <summary>The built-in accelerators, indexed by every name under which they are found.</summary>
internal sealed class GpuCatalogueContents
{
    private const string File = "gpus.json";

    private readonly Dictionary<string, BuiltInGpu> _byName = [];
    private readonly Lazy<Dictionary<string, BuiltInGpu>> _byShortForm;
    private readonly Lazy<IReadOnlyList<GpuModel>> _all;

    private GpuCatalogueContents(IReadOnlyList<BuiltInGpu> gpus)
    {
        foreach (var gpu in gpus)
        {
            foreach (var name in gpu.Names)
                _byName.TryAdd(NameTokens.Of(name), gpu);
        }

        _byShortForm = new Lazy<Dictionary<string, BuiltInGpu>>(() => ShortForms(gpus));
        _all = new Lazy<IReadOnlyList<GpuModel>>(() => [.. gpus.Select(gpu => gpu.Model)]);
    }

    public IReadOnlyList<GpuModel> Gpus => _all.Value;

    /// <summary>Those whose name has all of these words: of <c>A100</c> the one of 40 and the one of 80 GB.</summary>
    public IEnumerable<GpuModel> Like(string name)
    {
        var words = Words(name);
        return words.Count == 0 ? [] : Gpus.Where(gpu => words.IsSubsetOf(Words(gpu.Name)));
    }

    public static GpuCatalogueContents Load()
    {
        var gpus = new List<BuiltInGpu>();
        var reader = new Utf8JsonReader(BuiltIn.Bytes(File));
        while (!(reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("gpus"u8)))
            reader.Read();
        reader.Read();
        while (true)
        {
            var names = reader;
            if (!names.Read() || names.TokenType != JsonTokenType.StartObject)
                return new GpuCatalogueContents(gpus);
            gpus.Add(new BuiltInGpu(Names(ref names), BuiltInJson.Next(File, ref reader)));
        }
    }

    /// <summary>What nodes report comes before what people type, so that a short form never hides a product label.</summary>
    public bool TryFind(string key, [NotNullWhen(true)] out GpuModel? gpu)
    {
        gpu = _byName.TryGetValue(key, out var found) || _byShortForm.Value.TryGetValue(key, out found) ? found.Model : null;
        return gpu is not null;
    }

    private static List<string> Names(ref Utf8JsonReader reader)
    {
        var names = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isList) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("aliases"u8));
            reader.Read();
            if (isName)
                names.Insert(0, reader.GetString()!);
            else if (!isList)
                reader.Skip();
            while (isList && reader.Read() && reader.TokenType == JsonTokenType.String)
                names.Add(reader.GetString()!);
        }

        return names;
    }

    private static Dictionary<string, BuiltInGpu> ShortForms(IReadOnlyList<BuiltInGpu> gpus)
    {
        var forms = new Dictionary<string, BuiltInGpu>();
        foreach (var gpu in gpus)
        {
            foreach (var form in GpuShortForms.Of(gpu.Names[0]))
                forms.TryAdd(NameTokens.Of(form), gpu);
        }

        return forms;
    }

    /// <summary>An accelerator, read when it is asked for.</summary>
    /// <param name="names">Its name, and those that nodes and drivers report.</param>
    /// <param name="entry">What the catalogue says of it.</param>
    private sealed class BuiltInGpu(IReadOnlyList<string> names, BuiltInJson entry)
    {
        private GpuModel? _model;

        public IReadOnlyList<string> Names => names;

        public GpuModel Model => _model ??= Read(entry.Read());
    }

    private static GpuModel Read(JsonElement entry)
    {
        long? label = entry.GetProperty("label_memory_mib") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
        var visible = entry.GetProperty("cuda_visible_gib") is { ValueKind: JsonValueKind.Number } gib ? Bytes.FromGiB(gib.GetDecimal()) : (Bytes?)null;
        var free = entry.TryGetProperty("free_at_boot_gib", out var atBoot) ? Bytes.FromGiB(atBoot.GetDecimal()) : (Bytes?)null;
        var nominal = UsableShare.OfBytes(entry.GetProperty("nominal_gb").GetInt64() * 1_000_000_000);
        return new GpuModel
        {
            Name = entry.GetProperty("name").GetString()!,
            Vendor = Vendor(entry.GetProperty("vendor").GetString()!),
            Aliases = [.. entry.GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()!)],
            NominalGB = entry.GetProperty("nominal_gb").GetInt64(),
            LabelMemoryMiB = label,
            UsableMemory = free ?? visible ?? (label is { } mebibytes ? UsableShare.OfCard(mebibytes) : nominal),
            SharedMemory = free is null ? null : visible,
            IsMeasured = visible is not null && free is null,
            MemoryIsKnown = visible is not null || label is not null,
            NvLinkDomain = NvLinkDomain(entry.GetProperty("link").GetString()!),
            Bf16Teraflops = Figure(entry, "bf16_dense_tflops"),
            Fp16Teraflops = Figure(entry, "fp16_dense_tflops"),
            Fp8Teraflops = Figure(entry, "fp8_dense_tflops"),
            HasFp4 = entry.GetProperty("architecture").GetString()!.StartsWith("Blackwell", StringComparison.Ordinal),
            BandwidthGBs = Figure(entry, "bandwidth_gbs"),
            Link = entry.GetProperty("link").GetString()!,
            LinkGBs = Figure(entry, "link_gbs"),
            OldComputeCapability = entry.TryGetProperty("compute_capability", out var capability) ? capability.GetString() : null,
            MigProfiles = [.. entry.GetProperty("mig_profiles").EnumerateArray().Select(ReadProfile)],
        };
    }

    private static double? Figure(JsonElement entry, string name) => entry.TryGetProperty(name, out var figure) && figure.ValueKind == JsonValueKind.Number ? figure.GetDouble() : null;

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
