using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Api.GpuPools;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Api.Json;

/// <summary>The JSON of our own resources, beside those of Kubernetes.</summary>
public static class ApiJson
{
    public static IJsonTypeInfoResolver Resolver { get; } = ApiJsonContext.Default.WithAddedModifier(UseEnumNames).WithAddedModifier(PoolStrings);

    /// <summary>Reads and writes our resources and those of Kubernetes.</summary>
    public static KubernetesJson Default { get; } = new(Resolver);

    private static void UseEnumNames(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (Nullable.GetUnderlyingType(property.PropertyType) is { IsEnum: true } name)
                property.CustomConverter = (JsonConverter)Activator.CreateInstance(typeof(EnumNameConverter<>).MakeGenericType(name))!;
    }

    /// <summary>Thousands of jobs name the same models and pools, and have the same sizes.</summary>
    private static void PoolStrings(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.PropertyType == typeof(string))
                property.CustomConverter ??= new PooledStringConverter();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainingJob))]
[JsonSerializable(typeof(GpuPool))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
