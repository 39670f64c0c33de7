using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuMem.Api.Workloads;

/// <summary>JSON trees as JSON text, as deep as the API server takes them.</summary>
[JsonSourceGenerationOptions(MaxDepth = 1000)]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    public static JsonTypeInfo<JsonNode> Node => Default.JsonNode;
}
