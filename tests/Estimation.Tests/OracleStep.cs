using System.Text.Json.Nodes;
using System.Text.Json;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests;

/// <summary>One training step of real transformers modules, as hack/oracle.sh measured it: bytes alive at the worst moment of each phase.</summary>
/// <param name="Name">Class of the model and settings of the step.</param>
/// <param name="Job">The same step as a job.</param>
/// <param name="PerLayer">Saved by the last layer, without casts of weights.</param>
/// <param name="Loss">Peak from the first module until the last norm has its gradient.</param>
/// <param name="Backward">Peak from there to the last gradient.</param>
/// <param name="Update">Peak of the optimizer's step.</param>
internal sealed record OracleStep(string Name, JobSpec Job, long PerLayer, long Loss, long Backward, long Update)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "oracle");

    public long Peak => Math.Max(Loss, Math.Max(Backward, Update));

    public static IEnumerable<string> Classes => Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static IEnumerable<OracleStep> Of(string name)
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;
        foreach (var step in file["steps"]!.AsArray())
            yield return Read(name, file["config"]!.AsObject(), step!);
    }

    private static OracleStep Read(string name, JsonObject described, JsonNode step)
    {
        var config = described.DeepClone().AsObject();
        config[LayersIn((string)config["model_type"]!)] = Number("layers");
        var (precision, path, optimizer) = (Text("precision"), Text("path"), Text("optimizer"));
        var (adapters, quantised) = ((string?)step["adapters"], (string?)step["quantised"]);
        var (checkpointing, held) = ((bool)step["checkpointing"]!, (bool)step["held"]!);
        var training = new TrainingSpec
        {
            Framework = TrainingFramework.HuggingFace,

            // A loop of one's own around a quantised model has fp32 adapters without autocast.
            Trainer = quantised == "wide" && precision == "bf16" ? Trainer.PlainLoop : Trainer.HuggingFace,
            Precision = precision switch { "bf16" when quantised is null => Precision.BF16, "fp32" => Precision.FP32, _ => Precision.BF16Mixed },
            DataTypes = quantised == "narrow" ? new DataTypes { Weights = DataType.BF16, Adapters = DataType.BF16 } : null,
            Attention = path == "eager" ? AttentionKernel.Eager : AttentionKernel.SDPA,
            Padding = path == "masked",
            FusedKernels = false,
            Recompute = checkpointing ? Recompute.Full : Recompute.None,
            Outputs = held ? ModelOutputs.Held : ModelOutputs.Dropped,
            OptimizerImplementation = Enum.Parse<OptimizerImplementation>(optimizer, ignoreCase: true),
            SequenceLength = Number("sequence"),
            MicroBatchSize = Number("batch"),
            Method = adapters is null ? TrainingMethod.Full : quantised is null ? TrainingMethod.LoRA : TrainingMethod.QLoRA,
            Lora = adapters is null ? null : new LoraSpec { TargetModules = adapters == "attention" ? ["q_proj", "k_proj", "v_proj", "o_proj"] : [] },
        };
        return new OracleStep(
            $"{name} {precision} {path}{(checkpointing ? " checkpointing" : "")}{(held ? " held" : "")} {optimizer}{(adapters is null ? "" : $" {adapters}")}{(quantised is null ? "" : $" {quantised}")}",
            new JobSpec { Model = HuggingFaceConfig.Parse(JsonSerializer.SerializeToUtf8Bytes(config), name), Training = training },
            Number("perLayer"),
            Math.Max(Number("forward"), Number("loss")),
            Number("backward"),
            Number("step"));

        long Number(string field) => (long)step[field]!;
        string Text(string field) => (string)step[field]!;
    }

    private static string LayersIn(string modelType) => modelType switch
    {
        "gpt2" or "gptj" or "gpt_bigcode" => "n_layer",
        "mpt" => "n_layers",
        "t5" => "num_layers",
        _ => "num_hidden_layers",
    };
}
