using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes;

/// <summary>
/// How API objects become JSON and back: camelCase, nulls left out, unknown members ignored, case matters.
/// Options are frozen, so nobody can change them for everybody else.
/// </summary>
public sealed class KubernetesJson
{
    /// <summary>Deep enough for whatever a custom resource may legally nest; reading is iterative, so depth costs no stack.</summary>
    public const int MaxDepth = 10_000;

    private readonly JsonSerializerOptions _options;

    public KubernetesJson(params IJsonTypeInfoResolver[] resolvers)
    {
        // The naming policy and null handling must be repeated here: metadata combines, options do not.
        _options = new JsonSerializerOptions(KubernetesJsonContext.Default.Options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine([KubernetesJsonContext.Default, .. resolvers]),
            MaxDepth = MaxDepth,
        };
        _options.MakeReadOnly();
    }

    /// <summary>For the types of this project alone.</summary>
    public static KubernetesJson Default { get; } = new();

    public JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));

    public byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>());

    public T? Deserialize<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, TypeInfo<T>());

    public T? Deserialize<T>(JsonElement json) => json.Deserialize(TypeInfo<T>());
}
