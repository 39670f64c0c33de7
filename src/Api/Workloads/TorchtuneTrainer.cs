using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>
/// The command of a TrainJob whose trainer is torchtune: the job says only <c>tune run</c> and what it changes, and Trainer puts recipe and configuration
/// behind by the name of the runtime and by the GPUs (trainer pkg/runtime/framework/plugins/torch/torchtune.go).
/// </summary>
internal static class TorchtuneTrainer
{
    /// <summary>What says of adapters in the job's arguments.</summary>
    private const string Adapted = "model.lora_attn_modules", Quantized = "model.quantize_base", Decomposed = "model.use_dora";

    /// <summary>Keys of the configuration that are the runtime's, whatever the job says.</summary>
    private static readonly string[] OfRuntime = ["dataset", "dataset.source", "dataset.data_dir", "output_dir", "tokenizer.path", "tokenizer.merges_file", "checkpointer.checkpoint_dir"];

    /// <param name="job">The TrainJob.</param>
    /// <param name="container">The container that trains, with the job's own fields; its command is completed where it is this one.</param>
    /// <param name="nodes">How many of them there are.</param>
    /// <param name="runtimes">The command that the runtime has; null where the runtime is not known.</param>
    public static void Complete(JsonElement? job, JsonObject container, long nodes, IEnumerable<string>? runtimes)
    {
        if (container["command"] is not JsonArray command || !command.Select(word => $"{word}").SequenceEqual(["tune", "run"])
            || job.Member("spec", "runtimeRef").Text("name")?.Split('-') is not [_, var family, var size])
            return;
        List<string> told = [.. (container["args"] as JsonArray ?? []).Select(word => $"{word}")];
        var (gpus, processes) = (Gpus(container["resources"] as JsonObject), job.Member("spec", "trainer").Number("numProcPerNode"));
        var isOne = nodes == 1 && (processes == 1 || gpus == 1);
        var quantizes = IsOn(told, Quantized) && !IsOn(told, Decomposed);
        var adapters = nodes > 1 ? null : quantizes ? "qlora" : told.Exists(word => word.Contains(Adapted, StringComparison.Ordinal)) ? "lora" : null;
        var recipe = $"{(adapters is null ? "full" : "lora")}_finetune_{(isOne ? "single_device" : "distributed")}";
        var config = $"{family.Replace('.', '_')}/{size.ToUpperInvariant()}_{adapters ?? "full"}{(isOne ? "_single_device" : nodes > 1 ? "_multinode" : "")}";
        foreach (var word in new[] { recipe, "--config", config }.Concat((runtimes ?? []).Where(word => OfRuntime.Contains(word.Split('=')[0]))))
            command.Add((JsonNode)word);
    }

    private static bool IsOn(List<string> told, string key) => told.Exists(word => word.Split('=') is [var name, var value] && name.Contains(key, StringComparison.Ordinal) && value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase));

    private static long? Gpus(JsonObject? resources)
    {
        foreach (var amounts in new[] { resources?["requests"], resources?["limits"] }.OfType<JsonObject>())
            if (amounts.FirstOrDefault(amount => amount.Key.Contains("gpu", StringComparison.OrdinalIgnoreCase)).Value is { } count)
                return long.TryParse(count.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return null;
    }
}
