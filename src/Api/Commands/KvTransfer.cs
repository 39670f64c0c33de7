using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;

namespace GpuMem.Api.Commands;

/// <summary>vLLM's connectors, by which key-value caches go to other servers, to the host or to files.</summary>
internal static class KvTransfer
{
    // These read and write the engine's own cache in place, and hold what else they need on the host (vllm/distributed/kv_transfer/kv_connector/v1); those
    // that send by NCCL have a buffer on the GPU (p2p_nccl_engine.py, kv_buffer_size).
    private static readonly string[] OnHost =
    [
        "NixlConnector", "LMCacheConnector", "LMCacheConnectorV1", "LMCacheMPConnector", "OffloadingConnector", "SharedStorageConnector", "ExampleConnector", "MooncakeConnector",
        "MooncakeStoreConnector", "HF3FSConnector",
    ];

    /// <param name="json">The value of --kv-transfer-config.</param>
    /// <returns>True where nothing is added to what the GPU holds.</returns>
    public static bool TakesNothing(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject config && TakesNothing(config);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TakesNothing(JsonObject config) => config["kv_connector"] is JsonValue name && (name.ToString() == "MultiConnector"
        ? config.Member("kv_connector_extra_config", "connectors") is JsonArray several && several.All(one => one is JsonObject other && TakesNothing(other))
        : OnHost.Contains(name.ToString()));
}
