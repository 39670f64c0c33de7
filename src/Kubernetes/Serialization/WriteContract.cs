namespace GpuMem.Kubernetes.Serialization;

/// <summary>Everything that a model holds, in the form that the API server insists on where KubernetesClient's differs.</summary>
internal static class WriteContract
{
    internal static void Apply(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            // Times of the type MicroTime. The models do not tell them from others, and the server refuses one without its six decimals.
            bool isOptional = (type.Type == typeof(V1LeaseSpec) && property.Name is "acquireTime" or "renewTime")
                || (type.Type == typeof(Eventsv1Event) && property.Name == "eventTime");
            if (isOptional)
                property.CustomConverter = new OptionalMicroTimeConverter();
            else if (type.Type == typeof(Eventsv1EventSeries) && property.Name == "lastObservedTime")
                property.CustomConverter = new MicroTimeConverter();
        }
    }
}
