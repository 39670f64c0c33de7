using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuMem.Api.Workloads;

/// <summary>JSON trees as JSON text, as deep as the API server takes them.</summary>
[JsonSourceGenerationOptions(MaxDepth = Deepest)]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>Objects and lists in one another.</summary>
    public const int Deepest = 1000;

    public static JsonTypeInfo<JsonNode> Node => Default.JsonNode;
}
