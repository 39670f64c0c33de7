namespace GpuMem.Kubernetes.Serialization;

/// <summary>Reads less than is there, so that what it read must never be written in its place.</summary>
public abstract class ReadOnlyConverter<T> : JsonConverter<T>
{
    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        throw new NotSupportedException("What was read of an object is never written.");
}
