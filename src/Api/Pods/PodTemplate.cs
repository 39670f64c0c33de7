using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Pods;

/// <summary>Reads the parts of a raw pod or pod template that decisions need; the raw JSON stays what is patched.</summary>
public static class PodTemplate
{
    /// <summary>Null when it does not have the shape of a pod.</summary>
    public static V1PodSpec? Spec(JsonNode template)
    {
        try
        {
            return template is JsonObject pod ? pod["spec"].Deserialize(PodContract.Spec) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
