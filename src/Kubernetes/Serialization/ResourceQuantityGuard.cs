namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// Stands before KubernetesClient's own parser, which has no bound on its time: what it is given is bounded and in the
/// one spelling that equal amounts share. A cluster repeats a few hundred amounts, so those read last are kept; they cannot be changed.
/// </summary>
internal sealed class ResourceQuantityGuard : JsonConverter<ResourceQuantity>
{
    private const int Places = 1 << 10;

    private static readonly QuantityConverter Ours = new();

    private readonly (Quantity Amount, ResourceQuantity Whole)?[] _last = new (Quantity, ResourceQuantity)?[Places];
    private readonly Lock _gate = new();

    public override ResourceQuantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Quantity amount = Ours.Read(ref reader, typeof(Quantity), options);
        int place = HashCode.Combine(amount, amount.Notation) & (Places - 1);
        lock (_gate)
        {
            if (_last[place] is { } known && known.Amount == amount && known.Amount.Notation == amount.Notation)
                return known.Whole;
            ResourceQuantity whole = amount.ToResourceQuantity();
            _last[place] = (amount, whole);
            return whole;
        }
    }

    public override void Write(Utf8JsonWriter writer, ResourceQuantity value, JsonSerializerOptions options) =>
        Ours.Write(writer, Quantity.Of(value), options);
}
