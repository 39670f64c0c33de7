using System.Globalization;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Gpus;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>
/// NVIDIA NIM, whose image has the model in its name and whose settings are variables (docs.nvidia.com/nim/large-language-models, environment variables): it
/// takes a profile that fits the GPUs it finds, of those published for the model.
/// </summary>
internal static class NimImage
{
    /// <summary>What starts the engine.</summary>
    public const string Program = "NIM";

    private static readonly string[] WithoutEffect =
    [
        "NIM_CACHE_PATH", "NIM_SERVER_PORT", "NIM_HTTP_API_PORT", "NIM_LOG_LEVEL", "NIM_JSONL_LOGGING", "NIM_SERVED_MODEL_NAME", "NIM_MODEL_NAME", "NIM_MODEL_PATH", "NIM_REPOSITORY_OVERRIDE",
        "NIM_TRUST_CUSTOM_CODE", "NIM_FORCE_TRUST_REMOTE_CODE", "NIM_GUIDED_DECODING_BACKEND", "NIM_ENABLE_KV_CACHE_REUSE", "NIM_ENABLE_OTEL", "NIM_TELEMETRY_MODE", "NIM_TELEMETRY_ENABLE_LOGGING",
    ];

    /// <param name="container">The container, which has no command of its own.</param>
    /// <param name="variables">Its environment.</param>
    /// <returns>Null for another image, and for a model that is not built in.</returns>
    public static EngineCommand? Read(V1Container container, IReadOnlyDictionary<string, string> variables)
    {
        if (Published(container.Image) is not { } published)
            return null;
        var stored = variables.GetValueOrDefault("NIM_MODEL_PATH") ?? variables.GetValueOrDefault("NIM_MODEL_NAME");
        var name = stored is null ? published : stored.StartsWith("hf://", StringComparison.Ordinal) ? stored["hf://".Length..] : stored;
        if (!ModelCatalogue.TryFind(name, out var model, out _))
            return null;
        // Models that are published in 16 bits have a profile in FP8 as a rule: less is asked by none that every GPU of today can take.
        var isFp8 = model.CheckpointQuantization is null;
        var settings = new ModelServerSpec { Engine = InferenceEngine.VLLM, Model = new ModelSpec { Name = name } };
        if (isFp8)
            settings.Quantization = new QuantizationSettings { Scheme = QuantizationScheme.FP8 };
        var gpus = PodGpus.Of(new V1PodSpec { Containers = [container] }).Count;
        if (gpus is > 1 and <= int.MaxValue)
            settings.Tensor = (int)gpus;
        var reading = new Reading();
        foreach (var (variable, value) in variables.Where(variable => variable.Key.StartsWith("NIM_", StringComparison.Ordinal)))
            (Take(settings, variable, value) ? reading.Understood : WithoutEffect.Contains(variable) ? reading.WithoutEffect : reading.NotUnderstood).Add($"{variable}={value}");
        var guess = $"NIM of {name} is taken for its {(isFp8 ? "FP8" : "own")} profile on {(gpus > 1 ? $"all {gpus} GPUs" : "one GPU")}.";
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            StartedBy = Program,
            ModelGuess = guess,
            Assumed = [guess],
            LeavesLength = settings.ContextLength is null,
        };
    }

    /// <summary>
    /// Of a model that is published in 16 bits there may be a profile in NVFP4 for GPUs that multiply it (docs.nvidia.com/nim/large-language-models,
    /// deployment/model-profiles-and-selection: precisions bf16, fp8, mxfp4 and nvfp4): less is asked by none there.
    /// </summary>
    public static EngineCommand On(EngineCommand command, IEnumerable<string> products)
    {
        if (command.Settings.Quantization?.Scheme != QuantizationScheme.FP8 || !products.Any(product => GpuCatalogue.TryFind(product, out var gpu) && gpu.HasFp4))
            return command;
        command.Settings.Quantization.Scheme = QuantizationScheme.NVFP4;
        var guess = command.ModelGuess!.Replace("its FP8 profile", "its NVFP4 profile", StringComparison.Ordinal);
        return command with { ModelGuess = guess, Assumed = [guess] };
    }

    private static bool Take(ModelServerSpec settings, string variable, string value)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return false;
        switch (variable)
        {
            case "NIM_MAX_MODEL_LEN":
                settings.ContextLength = number;
                return true;
            case "NIM_TENSOR_PARALLEL_SIZE":
                settings.Tensor = number;
                return true;
            case "NIM_PIPELINE_PARALLEL_SIZE":
                settings.Pipeline = number;
                return true;
            default:
                return false;
        }
    }

    /// <summary>meta/llama-3.1-8b-instruct of nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8, wherever it was copied to under that name.</summary>
    private static string? Published(string? image) => image?.Split('@')[0].Split('/') is [.., "nim", var owner, var name] ? $"{owner}/{name.Split(':')[0]}" : null;
}
