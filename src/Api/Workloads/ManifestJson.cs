using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuMem.Api.Workloads;

/// <summary>JSON trees as JSON text.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    public static JsonTypeInfo<JsonNode> Node => Default.JsonNode;
}
