using System.Text.Json.Nodes;

namespace GpuMem.Api.Nodes.Slices;

/// <summary>
/// ResourceSlices as clusters before Kubernetes 1.34 write them. <c>v1beta2</c> is like <c>v1</c>; before that what a device has stands under <c>basic</c>, and in
/// <c>v1alpha3</c> a capacity is its amount (kubernetes/api, resource/v1beta1 and resource/v1alpha3, types.go).
/// </summary>
public static class EarlierSlice
{
    private const string Group = "resource.k8s.io/";

    /// <summary>The same in the form of <c>v1</c>, made of what is given; null for a version that is not known.</summary>
    public static JsonObject? AsV1(JsonObject manifest)
    {
        if (manifest["apiVersion"]?.ToString() is not $"{Group}v1" and not $"{Group}v1beta2" and not $"{Group}v1beta1" and not $"{Group}v1alpha3")
            return null;
        manifest["apiVersion"] = $"{Group}v1";
        foreach (var device in ((manifest["spec"] as JsonObject)?["devices"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (device["basic"] is JsonObject basic)
            {
                device.Remove("basic");
                foreach (var (name, value) in basic)
                    device[name] = value?.DeepClone();
            }
            foreach (var (name, amount) in (device["capacity"] as JsonObject)?.ToList() ?? [])
                if (amount is JsonValue)
                    device["capacity"]![name] = new JsonObject { ["value"] = amount.DeepClone() };
        }
        return manifest;
    }
}
