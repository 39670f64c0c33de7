using System.CommandLine;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Estimates;

namespace GpuMem.Cli.Commands;

/// <summary>Pods, and what makes pods, as <c>gpumem explain</c> reads them: the engines and the trainings that their commands start.</summary>
internal static class PodCommands
{
    private const string Known =
        "vllm serve, sglang.launch_server, llama-server, text-generation-launcher, trtllm-serve, torchrun, accelerate, deepspeed, composer, axolotl, llamafactory-cli, swift, megatron, verl, trl, tune, unsloth, openrlhf and litgpt";

    /// <returns>The status to end with: that of the worst.</returns>
    /// <exception cref="UserErrorException">Nothing that is known is started, or what is started cannot be answered.</exception>
    public static int Write(ParseResult result, EstimateQuestion question, Manifests manifests, string format)
    {
        List<(JsonObject? Json, int Status)> answers =
        [
            .. manifests.PodSpecs.SelectMany(pods => EngineCommandReader.Read(pods.Spec, manifests.ConfigMaps).Select(command => Serving(result, question, pods.Spec, pods.Pods, question.On(result, command), format))
                .Concat(TrainingCommandReader.Read(pods.Spec, pods.Pods, manifests.ConfigMaps).Select(command => Training(result, question, pods.Spec, command, format)))),
        ];
        if (answers.Count == 0)
            throw new UserErrorException($"no container starts an engine or a training whose command is read ({Known}); a script that a ConfigMap holds needs the ConfigMap in the same files; else describe the server in an Inference file, or the training in a TrainingJob");
        if (format == "json")
            OutputFormat.Write(new JsonArray([.. answers.Select(answer => answer.Json)]), format, Console.Out);
        return answers.Max(answer => answer.Status);
    }

    private static (JsonObject? Json, int Status) Serving(ParseResult result, EstimateQuestion question, V1PodSpec pod, int? together, EngineCommand command, string format) => format switch
    {
        "json" => ServingPods.Json(pod, together, command, started => question.Started(result, started)),
        "yaml" => throw new UserErrorException($"-o yaml is of a TrainingJob, and container {command.Container} starts a server: -o json tells of both"),
        _ => (null, ServingPods.Write(pod, together, command, started => question.Started(result, started))),
    };

    private static (JsonObject? Json, int Status) Training(ParseResult result, EstimateQuestion question, V1PodSpec pod, TrainingCommand command, string format)
    {
        if (!OutputFormat.IsData(format))
            return (null, TrainingPods.Write(pod, command, started => question.Started(result, started)));
        var manifest = Manifest(question.Job(result, command));
        if (format == "yaml")
        {
            WriteManifest(manifest, command.NotUnderstood);
            return (null, ExitStatus.Fits);
        }
        var answer = question.Started(result, command);
        return (TrainingPods.Json(pod, command, manifest, answer), ExitStatus.Of(answer));
    }

    /// <summary>What a cluster would add is left out.</summary>
    private static JsonObject Manifest(TrainingJob job)
    {
        var manifest = JsonNode.Parse(ApiJson.Default.Serialize(job))!.AsObject();
        manifest.Remove("status");
        return manifest;
    }

    /// <summary>What the manifest does not say is a comment in it.</summary>
    private static void WriteManifest(JsonObject manifest, IReadOnlyList<string> notUnderstood)
    {
        foreach (var said in notUnderstood)
            Console.Out.WriteLine($"# Not understood, and left out: {said.ReplaceLineEndings(" ")}");
        Console.Out.Write($"---\n{YamlWriter.Write(manifest)}");
    }
}
