using System.Text;
using System.Text.Json.Nodes;

namespace GpuMem.Kubernetes;

/// <summary>A change to an object that leaves everything else in it alone.</summary>
public sealed class V1Patch
{
    public V1Patch(string body, PatchType type)
        : this(Encoding.UTF8.GetBytes(body), type)
    {
    }

    public V1Patch(JsonNode body, PatchType type)
        : this(body.ToJsonString(), type)
    {
    }

    public V1Patch(ReadOnlyMemory<byte> body, PatchType type)
    {
        Body = body;
        Type = type;
    }

    public ReadOnlyMemory<byte> Body { get; }

    public PatchType Type { get; }

    /// <summary>Needed by <see cref="PatchType.ApplyPatch"/>; recorded with the other types.</summary>
    public string? FieldManager { get; init; }

    /// <summary>With <see cref="PatchType.ApplyPatch"/>: take over fields that another manager owns.</summary>
    public bool? Force { get; init; }

    /// <summary>Part of the object to patch, e.g. <c>status</c>.</summary>
    public string? Subresource { get; init; }

    internal string ContentType => Type switch
    {
        PatchType.JsonPatch => "application/json-patch+json",
        PatchType.MergePatch => "application/merge-patch+json",
        _ => "application/apply-patch+yaml",
    };
}

/// <summary>How the body of a patch is to be understood.</summary>
public enum PatchType
{
    JsonPatch,
    MergePatch,
    ApplyPatch,
}
