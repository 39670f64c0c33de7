using System.Collections.Frozen;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>Reads the engines' own command lines in the containers of a pod: nothing is run, and what is not understood is said.</summary>
public static class EngineCommandReader
{
    /// <param name="pod">The pod.</param>
    /// <param name="configMaps">Those that stand beside it; null where none are known.</param>
    /// <returns>One for each container that starts an engine.</returns>
    public static IEnumerable<EngineCommand> Read(V1PodSpec pod, IReadOnlyList<V1ConfigMap>? configMaps = null) =>
        ModelDownloads.OfContainers(pod, configMaps).Select(started => Of(pod, started.Container, started.Downloads, configMaps ?? [])).OfType<EngineCommand>();

    private static EngineCommand? Of(V1PodSpec pod, V1Container container, ModelDownloads downloads, IReadOnlyList<V1ConfigMap> configMaps)
    {
        var (started, written) = (ContainerWords.Of(pod, container, configMaps), new WrittenFiles());
        foreach (var command in started.Commands)
        {
            downloads.Take(command);
            written.Take(command);
            var words = downloads.Named(command, out var said);
            if (EngineStart.Of(words) is { } start)
            {
                var (program, own) = (words[start.Arguments - 1], words.Skip(start.Arguments).ToList());
                var isKServe = program == ForeignWords.KServe;
                return Arguments(
                    container, start.Engine, isKServe ? ForeignWords.KServeAsVllm(own) : ForeignWords.Without(program, own),
                    new ContainerFiles(pod, container, configMaps, written, command.Directory), started.Variables, said, isKServe);
            }
        }
        if (container.Command is { Count: > 0 })
            return null;
        if (EngineStart.OfImage(container.Image) is not { } engine)
            return NimImage.Read(container, started.Variables);
        var arguments = downloads.Named(new ShellCommand(started.Words) { Directory = container.WorkingDir ?? "" }, out var named);
        var isImageOfKServe = ForeignWords.IsKServe(container.Image);
        return Arguments(
            container, engine, isImageOfKServe ? ForeignWords.KServeAsVllm(arguments) : arguments,
            new ContainerFiles(pod, container, configMaps, written, container.WorkingDir ?? ""), started.Variables, named, isImageOfKServe);
    }

    /// <returns>Null where the program is told to start another engine.</returns>
    private static EngineCommand? Arguments(
        V1Container container, InferenceEngine engine, IReadOnlyList<string>? arguments, ContainerFiles files, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> said,
        bool isKServe)
    {
        if (arguments is null)
            return null;
        var settings = new ModelServerSpec { Engine = engine, EngineVersion = EngineStart.Version(engine, container.Image) };
        var flags = new EngineArguments(engine, settings.EngineVersion, settings);
        arguments = EngineFile.Expand(engine, settings.EngineVersion, arguments, files, out var file, out var isRead);
        if (file is not null)
            (isRead ? flags.Reading.Understood : flags.Reading.NotUnderstood).Add(file);
        flags.All(arguments);
        if (engine == InferenceEngine.TGI)
            flags.Environment(variables);
        Partition(variables, settings, flags.Reading);
        flags.Complete();
        string[] assumed = AllGpus(container, settings, flags.Reading, isKServe) is { } all ? [all] : [];

        // A server's context is divided among its slots.
        if (engine == InferenceEngine.LlamaCpp && settings is { ContextLength: { } whole, Sequences: { } slots })
            settings.ContextLength = Math.Max(1, whole / slots);
        var reading = flags.Reading;
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            Refused = flags.Refused,
            LeavesLength = settings.ContextLength is null && flags.LeavesContext,
            Groups = flags.Groups,
            ModelGuess = flags.ModelGuess,
            Assumed = [.. said, .. flags.ModelGuess is { } path ? [path] : Array.Empty<string>(), .. assumed],
        };
    }

    /// <summary>vLLM and SGLang end where it is not for the pipeline that they are told of; so what does not divide the model is left to that.</summary>
    private static void Partition(IReadOnlyDictionary<string, string> variables, ModelServerSpec settings, Reading reading)
    {
        var name = settings.Engine switch { InferenceEngine.VLLM => StageLayers.Variables[0], InferenceEngine.SGLang => StageLayers.Variables[1], _ => "" };
        if (settings.Pipeline is not > 1 || !variables.TryGetValue(name, out var text) || text.Length == 0)
            return;
        var said = $"{name}={(text.Length > 80 ? text[..80] : text)}";
        if (StageLayers.Parse(text) is { } layers && layers.Count == settings.Pipeline)
        {
            settings.StageLayers = string.Join(',', layers);
            reading.Understood.Add(said);
        }
        else
        {
            reading.NotUnderstood.Add(said);
        }
    }

    /// <summary>
    /// Where nothing is said of it, TGI divides the model over all GPUs that it is given (text-generation-inference launcher/src/main.rs, find_num_shards), and
    /// llama.cpp its layers (llama.cpp common/arg.cpp, --split-mode). KServe's server does so whatever is said (huggingfaceserver/vllm/vllm_model.py).
    /// </summary>
    private static string? AllGpus(V1Container container, ModelServerSpec settings, Reading reading, bool isKServe)
    {
        if (!isKServe && (settings is not { Tensor: null, Pipeline: null } || settings.Engine is not (InferenceEngine.TGI or InferenceEngine.LlamaCpp) || reading.NotUnderstood.Exists(IsDivision)))
            return null;
        if (PodGpus.Of(new V1PodSpec { Containers = [container] }).Count is not (> 1 and <= int.MaxValue and var gpus))
            return null;
        if (isKServe || settings.Engine == InferenceEngine.TGI)
            settings.Tensor = (int)gpus;
        else
            settings.Pipeline = (int)gpus;
        return isKServe
            ? $"KServe's server divides the model over all GPUs that it sees, {gpus} here."
            : $"{settings.Engine} divides the model over all GPUs that it sees where no flag says otherwise, {gpus} here.";
    }

    private static bool IsDivision(string said) => Divisions.Contains(Argument.NameOf(said.Split(' ', '=')[0]));

    private static readonly FrozenSet<string> Divisions = FrozenSet.ToFrozenSet(["--num-shard", "NUM_SHARD", "--sharded", "SHARDED", "--split-mode", "-sm", "--tensor-split", "-ts", "--main-gpu", "-mg"]);
}
