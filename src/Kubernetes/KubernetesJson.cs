namespace GpuMem.Kubernetes;

/// <summary>
/// How API objects become JSON and back: camelCase, nulls left out, unknown members ignored, case matters. There are two contracts over the same
/// models: what is read keeps only the members that somebody here reads, and cannot be used to write; what is written is whole.
/// Options are frozen, so nobody can change them for everybody else.
/// </summary>
public sealed class KubernetesJson
{
    /// <summary>Deep enough for whatever a custom resource may legally nest; reading is iterative, so depth costs no stack.</summary>
    public const int MaxDepth = 10_000;

    private readonly JsonSerializerOptions _reading;
    private readonly JsonSerializerOptions _writing;

    public KubernetesJson(params IJsonTypeInfoResolver[] resolvers)
    {
        IJsonTypeInfoResolver all = JsonTypeInfoResolver.Combine([KubernetesJsonContext.Default, .. resolvers]);
        _reading = Frozen(all.WithAddedModifier(ReadContract.Apply));
        _writing = Frozen(all.WithAddedModifier(WriteContract.Apply));
    }

    /// <summary>For the types of this project alone.</summary>
    public static KubernetesJson Default { get; } = new();

    /// <summary>The contract for reading; an attempt to write with it throws.</summary>
    public JsonTypeInfo<T> ReadInfo<T>() => (JsonTypeInfo<T>)_reading.GetTypeInfo(typeof(T));

    /// <summary>A contract for reading that <paramref name="narrow"/> makes narrower still: for that, <see cref="KeptMembers.KeepOnly"/>.</summary>
    public JsonTypeInfo<T> ReadInfo<T>(Action<JsonTypeInfo> narrow) =>
        (JsonTypeInfo<T>)Frozen(_reading.TypeInfoResolver!.WithAddedModifier(narrow)).GetTypeInfo(typeof(T));

    /// <summary>The contract for writing: every member there is.</summary>
    public JsonTypeInfo<T> WriteInfo<T>() => (JsonTypeInfo<T>)_writing.GetTypeInfo(typeof(T));

    public byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, WriteInfo<T>());

    public T? Deserialize<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, ReadInfo<T>());

    public T? Deserialize<T>(JsonElement json) => json.Deserialize(ReadInfo<T>());

    private static JsonSerializerOptions Frozen(IJsonTypeInfoResolver resolver)
    {
        // The naming policy, null handling and converters must be repeated here: metadata combines, options do not.
        JsonSerializerOptions options = new(KubernetesJsonContext.Default.Options) { TypeInfoResolver = resolver, MaxDepth = MaxDepth };
        options.MakeReadOnly();
        return options;
    }
}
