using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Workloads;

/// <summary>What Ray Serve is told to serve, as the vLLM that its LLM application starts (ray python/ray/llm/_internal/serve/configs, LLMConfig).</summary>
internal static class RayServeConfig
{
    /// <summary>Characters of a configuration that are read; nobody serves by as many.</summary>
    private const int Most = 64 * 1024;

    /// <param name="text">serveConfigV2, which is YAML.</param>
    /// <returns>vLLM's words; null where none or several models are served, for which of them a worker runs Ray decides.</returns>
    public static IReadOnlyList<string>? AsVllm(string? text)
    {
        if (text is null || text.Length > Most || Parsed(text) is not { } config)
            return null;
        List<JsonNode?> models = [.. Objects(config["applications"]).SelectMany(application => (application["args"] as JsonObject)?["llm_configs"] as JsonArray ?? [])];
        if (models is not [JsonObject { } only] || only["model_loading_config"] is not JsonObject loading)
            return null;
        var source = (loading["model_source"] is JsonObject bucket ? bucket["bucket_uri"] : loading["model_source"]) ?? loading["model_id"];
        var words = (only["engine_kwargs"] as JsonObject ?? []).Where(option => option.Key != "model").SelectMany(option => EngineFile.Words(Argument.NameOf($"--{option.Key}"), option.Value));
        return source is JsonValue name ? ["vllm", "serve", name.ToString(), .. words] : null;
    }

    private static JsonObject? Parsed(string text)
    {
        try
        {
            return KubernetesYaml.LoadAllFromString(text) is [JsonObject only] ? only : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            // Ray says what is wrong with it.
            return null;
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
