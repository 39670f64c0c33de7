using GpuMem.Api.Pods;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// Reads what launchers and trainers are told in the containers of a pod, by flags, by the environment and by files of ConfigMaps, to the job that
/// it amounts to. Nothing is run, and what is not understood is said.
/// </summary>
public static class TrainingCommandReader
{
    /// <param name="pod">The pod.</param>
    /// <param name="pods">Pods of its workload; null when it is not known.</param>
    /// <param name="configMaps">Those that stand beside it.</param>
    /// <returns>One for each container that starts a training.</returns>
    public static IEnumerable<TrainingCommand> Read(V1PodSpec pod, int? pods, IReadOnlyList<V1ConfigMap> configMaps) =>
        ModelDownloads.OfContainers(pod, configMaps).Select(started => Of(pod, started.Container, started.Downloads, pods, configMaps)).OfType<TrainingCommand>();

    private static TrainingCommand? Of(V1PodSpec pod, V1Container container, ModelDownloads downloads, int? pods, IReadOnlyList<V1ConfigMap> configMaps)
    {
        var (started, written) = (ContainerWords.Of(pod, container, configMaps), new WrittenFiles());
        var gpus = (int)Math.Min(PodGpus.Of(pod).Count, int.MaxValue);
        foreach (var command in started.Commands)
        {
            downloads.Take(command);
            written.Take(command);
            if (EngineStart.Of(command.Words) is not null)
                continue;
            var draft = new TrainingDraft(new ContainerFiles(pod, container, configMaps, written, command.Directory), downloads) { Gpus = gpus };
            var variables = new Dictionary<string, string>(started.Variables, StringComparer.Ordinal);
            if (TrainingStart.Of(draft, command.Words, variables) is not { } start)
                continue;
            TakeAllocator(draft, variables);
            return Read(draft, start, container.Name ?? "", pods);
        }
        return null;
    }

    /// <summary>What PyTorch's allocator is told (pytorch c10/core/AllocatorConfig.h), by the name of today or that of old.</summary>
    private static void TakeAllocator(TrainingDraft draft, Dictionary<string, string> variables)
    {
        foreach (var name in new[] { "PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF" })
        {
            if (variables.GetValueOrDefault(name) is not { } told)
                continue;
            draft.Training.ExpandableSegments = told.Contains("expandable_segments:True", StringComparison.OrdinalIgnoreCase);
            draft.Reading.Understood.Add($"{name}={told}");
            return;
        }
    }

    private static TrainingCommand Read(TrainingDraft draft, TrainingStart start, string container, int? pods)
    {
        draft.Training.Trainer = start.Program.Trainer;
        ProgramFile.Take(draft, start.Program, start.Arguments);
        if (start.By is "trl")
            AccelerateFlags.Complete(draft, ofTrainer: true);
        start.Program.Complete(draft);
        Division.Apply(draft);
        NumericTypes.Apply(draft);
        ProcessLayout.Apply(draft, pods);
        if (start.By.Length == 0 && draft.Gpus > 1 && draft.Processes is { PerNode: 1, InAll: null })
            draft.Assume($"python starts one process, which divides nothing over the {draft.Gpus} GPUs of the pod: torchrun or accelerate would start one for each.");
        return new TrainingCommand(container, $"{start.Program.Name} ({start.Said}{(start.By.Length == 0 || start.Said.StartsWith(start.By, StringComparison.Ordinal) ? "" : $" by {start.By}")})", draft.Job)
        {
            Understood = draft.Reading.Understood,
            WithoutEffect = draft.Reading.WithoutEffect,
            NotUnderstood = draft.Reading.NotUnderstood,
            Assumed = draft.Assumed,
            ModelGuess = draft.ModelGuess,
        };
    }
}
