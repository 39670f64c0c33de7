namespace GpuMem.Kubernetes.Serialization;

/// <summary>Whole seconds in UTC, as the API server keeps them: what we applied then equals what we read back.</summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    internal const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Seconds, CultureInfo.InvariantCulture));
}

/// <summary>The same for the models of KubernetesClient, which keep times without an offset, in UTC.</summary>
internal class UtcConverter : JsonConverter<DateTime>
{
    private protected virtual string Format => TimeConverter.Seconds;

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().UtcDateTime;

    /// <summary>A time that does not say where it is from is taken for UTC, as everything that we read is.</summary>
    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        DateTime utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        writer.WriteStringValue(utc.ToString(Format, CultureInfo.InvariantCulture));
    }
}

/// <summary>RFC 3339 with exactly six decimals: the API server refuses any other number of them in a MicroTime.</summary>
internal sealed class MicroTimeConverter : UtcConverter
{
    private protected override string Format => "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
}
