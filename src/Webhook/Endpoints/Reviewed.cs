using System.Text.Json;

namespace GpuMem.Webhook.Endpoints;

/// <summary>What of an object a review is about.</summary>
internal static class Reviewed
{
    /// <summary>An update that leaves this part of the object as it was: whoever wrote it last has answered for it.</summary>
    public static bool IsUnchanged(AdmissionRequest request, params string[] path) =>
        request.Operation == "UPDATE" && Part(request.OldObject, path) is { } old && Part(request.Object, path) is { } now && JsonElement.DeepEquals(old, now);

    /// <summary>Null where there is no such member.</summary>
    public static JsonElement? Part(JsonElement entity, params string[] path)
    {
        foreach (var name in path)
            if (entity.ValueKind != JsonValueKind.Object || !entity.TryGetProperty(name, out entity))
                return null;
        return entity;
    }
}
