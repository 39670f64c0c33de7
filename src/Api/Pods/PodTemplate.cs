using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace GpuMem.Api.Pods;

/// <summary>Reads the parts of a raw pod or pod template that decisions need; the raw JSON stays what is patched.</summary>
public static class PodTemplate
{
    /// <summary>Null when it does not have the shape of a pod.</summary>
    public static V1PodSpec? Spec(JsonNode template) => Read((template as JsonObject)?["spec"], PodContract.Spec);

    /// <summary>The part of a GPU that its pods ask for, in their <c>spec</c> or by annotations beside it; null where they ask for none.</summary>
    public static GpuShare? Share(JsonNode template) => Read(template, PodContract.Pod) is { } pod ? GpuShare.Of(pod) : GpuShare.Of(Spec(template));

    private static T? Read<T>(JsonNode? node, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return node is JsonObject ? node.Deserialize(type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
