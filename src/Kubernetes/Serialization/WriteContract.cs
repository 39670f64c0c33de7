namespace GpuMem.Kubernetes.Serialization;

/// <summary>Everything that a model holds, in the form that the API server insists on where KubernetesClient's differs.</summary>
internal static class WriteContract
{
    // Times of the type MicroTime. The models do not tell them from others, and the server refuses one without its six decimals.
    private static readonly HashSet<(Type, string)> MicroTimes =
    [
        (typeof(V1LeaseSpec), "acquireTime"),
        (typeof(V1LeaseSpec), "renewTime"),
        (typeof(Eventsv1Event), "eventTime"),
        (typeof(Eventsv1EventSeries), "lastObservedTime"),
    ];

    internal static void Apply(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties.Where(property => MicroTimes.Contains((type.Type, property.Name))))
        {
            JsonTypeInfo<DateTime> microTime = JsonMetadataServices.CreateValueInfo<DateTime>(type.Options, new MicroTimeConverter());
            property.CustomConverter = property.PropertyType == typeof(DateTime)
                ? microTime.Converter
                : JsonMetadataServices.GetNullableConverter(microTime);
        }
    }
}
