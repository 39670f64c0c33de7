namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// Stands before KubernetesClient's own parser, which has no bound on its time: what it is given is bounded and in the
/// one spelling that equal amounts share. A cluster repeats a few hundred texts, so those read last are kept; they cannot be changed.
/// </summary>
internal sealed class ResourceQuantityGuard : JsonConverter<ResourceQuantity>
{
    private const int Places = 1 << 10;
    private static readonly QuantityConverter Ours = new();

    private readonly Known?[] _last = new Known?[Places];

    public override ResourceQuantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // A text this short is a number of 128 bits; zeros, which no text has, fill it up.
        Span<byte> text = stackalloc byte[16];
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || !reader.ValueSpan.TryCopyTo(text))
            return Ours.Read(ref reader, typeof(Quantity), options).ToResourceQuantity();
        UInt128 key = new(BitConverter.ToUInt64(text), BitConverter.ToUInt64(text[sizeof(ulong)..]));
        int place = key.GetHashCode() & (Places - 1);
        Known? known = _last[place];
        if (known?.Text != key)
            _last[place] = known = new Known(key, Ours.Read(ref reader, typeof(Quantity), options).ToResourceQuantity());
        return known.Whole;
    }

    public override void Write(Utf8JsonWriter writer, ResourceQuantity value, JsonSerializerOptions options) =>
        Ours.Write(writer, Quantity.Of(value), options);

    private sealed record Known(UInt128 Text, ResourceQuantity Whole);
}
