using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>Taints as manifests of nodes to come have them.</summary>
internal static class TaintFields
{
    public static List<NodeTaint> Taints(this JsonNode? node, params ReadOnlySpan<string> path) => node.Member(path) is JsonArray taints
        ? [.. taints.OfType<JsonObject>().Where(taint => taint.Text("key") is not null).Select(taint => new NodeTaint(taint.Text("key"), taint.Text("value"), taint.Text("effect")))]
        : [];
}
