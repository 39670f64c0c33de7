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
        "vllm serve, sglang.launch_server, llama-server, text-generation-launcher, trtllm-serve, torchrun, accelerate, deepspeed, axolotl, llamafactory-cli, swift, verl, trl and tune";

    /// <returns>The status to end with: that of the worst.</returns>
    /// <exception cref="UserErrorException">Nothing that is known is started, or what is started cannot be answered.</exception>
    public static int Write(ParseResult result, EstimateQuestion question, Manifests manifests, string format)
    {
        var (isAny, status) = (false, ExitStatus.Fits);
        foreach (var (pod, pods) in manifests.PodSpecs)
        {
            foreach (var command in EngineCommandReader.Read(pod, manifests.ConfigMaps))
            {
                isAny = true;
                if (format == "yaml")
                    throw new UserErrorException($"-o yaml is of a TrainingJob, and container {command.Container} starts a server");
                status = Math.Max(status, ServingPods.Write(pod, command, started => question.Started(result, started)));
            }
            foreach (var command in TrainingCommandReader.Read(pod, pods, manifests.ConfigMaps))
            {
                isAny = true;
                if (format == "yaml")
                    WriteJob(question.Job(result, command), command.NotUnderstood);
                else
                    status = Math.Max(status, TrainingPods.Write(pod, command, started => question.Started(result, started)));
            }
        }
        if (!isAny)
            throw new UserErrorException($"no container starts an engine or a training whose command is read ({Known}); describe the server in an Inference file, or the training in a TrainingJob");
        return status;
    }

    /// <summary>As a manifest: what a cluster would add is left out, and what the manifest does not say is a comment in it.</summary>
    private static void WriteJob(TrainingJob job, IReadOnlyList<string> notUnderstood)
    {
        var manifest = JsonNode.Parse(ApiJson.Default.Serialize(job))!.AsObject();
        manifest.Remove("status");
        foreach (var said in notUnderstood)
            Console.Out.WriteLine($"# Not understood, and left out: {said.ReplaceLineEndings(" ")}");
        Console.Out.Write($"---\n{YamlWriter.Write(manifest)}");
    }
}
