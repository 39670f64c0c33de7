using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace GpuMem.Catalogues.Gpus;

/// <summary>The GPUs of a cloud's instance type.</summary>
/// <param name="Product">The name under which its driver reports them, <c>NVIDIA-A100-80GB-PCIe</c>.</param>
/// <param name="Gpu">What each of them is.</param>
/// <param name="Gpus">How many there are; null where nodes of one type may have any number.</param>
/// <param name="PartMiB">Where they are parts of a GPU, how large the cloud says they are; null for whole ones.</param>
public sealed record InstanceType(string Product, GpuModel Gpu, int? Gpus, long? PartMiB);

/// <summary>Which GPUs the instance types of clouds have: all that a node says of them where nothing labels them.</summary>
public static class InstanceTypes
{
    private const string SageMaker = "ml.";

    private static readonly Lazy<Dictionary<string, InstanceType>> ByName = new(Load);

    public static IReadOnlyDictionary<string, InstanceType> All => ByName.Value;

    /// <summary>By the name that the cloud gives it, <c>p5.48xlarge</c>, in SageMaker HyperPod <c>ml.p5.48xlarge</c>; clouds do not agree on the case of Azure's.</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out InstanceType? type)
    {
        type = null;
        return name is not null && ByName.Value.TryGetValue(name.StartsWith(SageMaker, StringComparison.Ordinal) ? name[SageMaker.Length..] : name, out type);
    }

    private static Dictionary<string, InstanceType> Load()
    {
        using var document = JsonDocument.Parse(BuiltIn.Open("instance-types.json"));
        var types = new Dictionary<string, InstanceType>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in document.RootElement.GetProperty("groups").EnumerateArray())
        {
            var name = group.GetProperty("gpu").GetString()!;
            if (!GpuCatalogue.TryFind(name, out var gpu))
                throw new InvalidOperationException($"instance-types.json: '{name}' is not in the catalogue");
            long? part = group.TryGetProperty("memory_mib", out var mebibytes) ? mebibytes.GetInt64() : null;
            foreach (var type in group.GetProperty("types").EnumerateObject())
                types.Add(type.Name, new InstanceType(name, gpu, type.Value.ValueKind == JsonValueKind.Null ? null : type.Value.GetInt32(), part));
        }

        return types;
    }
}
