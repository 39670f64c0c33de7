using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>How tokens are guessed before the model checks them, as flags of vLLM and SGLang say it.</summary>
internal sealed class SpeculativeDecoding
{
    // More than any engine takes: InferenceSettings.ProposedTokens.
    private const int MaxTokens = 256;

    // Of llama.cpp where nobody says how many (common/arg.cpp, --spec-draft-n-max).
    private const int LlamaCppTokens = 3;

    /// <summary>In the engine's own word.</summary>
    public string? Method { get; set; }

    public string? Model { get; set; }

    /// <summary>Ranks that share the draft; null for all that the model has (vllm/config/speculative.py).</summary>
    public int? Tensor { get; set; }

    /// <summary>Tokens that are guessed at once.</summary>
    public int? Tokens { get; set; }

    /// <summary>Takes vLLM's --speculative-config, whole or a key of it.</summary>
    /// <returns>False where it is no object of JSON.</returns>
    public bool Read(string json)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject config)
                return false;
            Method = Text(config["method"]) ?? Method;
            Model = Text(config["model"]) ?? Model;
            Tensor = Whole(config["draft_tensor_parallel_size"]) ?? Tensor;
            Tokens = Whole(config["num_speculative_tokens"]) ?? Tokens;
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // A key that stands twice is found when it is asked for.
            return false;
        }
    }

    /// <summary>Writes what the engine holds for it.</summary>
    /// <returns>What is left out of the estimate; null when nothing.</returns>
    public string? Complete(InferenceSettings settings)
    {
        var method = Method?.ToLowerInvariant() ?? "";
        if (method == "none")
            return null;
        if (settings.Engine == InferenceEngine.LlamaCpp)
            Tokens ??= LlamaCppTokens;
        if ((Method ?? Model) is not null)
            settings.ProposedTokens = Tokens;

        // Guesses from the text so far need no weights.
        if (method.StartsWith("ngram", StringComparison.Ordinal) || method == "suffix" || Model == "[ngram]" || (Method ?? Model) is null)
            return null;

        // The model's own modules, which SGLang asks for as EAGLE without a model (sglang/srt/server_args.py).
        if (method.EndsWith("mtp", StringComparison.Ordinal) || method == "nextn" || (method == "eagle" && Model is null))
        {
            settings.PredictionModules = true;
            return null;
        }

        // The heads of EAGLE, Medusa and others share parts with the model; only a whole model is counted.
        if (method is not ("" or "draft_model" or "standalone") || Model is null || !ModelCatalogue.TryFind(Model, out _, out _))
            return $"speculative decoding by {Model ?? method}";
        settings.Draft = new DraftSettings { Model = new ModelSpec { Name = Model }, Tensor = Tensor ?? settings.Tensor?.Value };
        return null;
    }

    private static int? Whole(JsonNode? node) => int.TryParse(Text(node), NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && whole <= MaxTokens ? whole : null;

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : null;
}
