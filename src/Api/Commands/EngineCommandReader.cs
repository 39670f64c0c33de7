using GpuMem.Api.ModelServers;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>Reads the engines' own command lines in the containers of a pod: nothing is run, and what is not understood is said.</summary>
public static class EngineCommandReader
{
    /// <returns>One for each container that starts an engine.</returns>
    public static IEnumerable<EngineCommand> Read(V1PodSpec pod) => ModelDownloads.OfContainers(pod).Select(started => Of(started.Container, started.Downloads)).OfType<EngineCommand>();

    private static EngineCommand? Of(V1Container container, ModelDownloads downloads)
    {
        var started = ContainerWords.Of(container);
        foreach (var command in started.Commands)
        {
            downloads.Take(command);
            var words = downloads.Named(command, out var said);
            if (EngineStart.Of(words) is { } start)
                return Arguments(container, start.Engine, words.Skip(start.Arguments), started.Variables) with { Assumed = said };
        }
        if (container.Command is { Count: > 0 } || EngineStart.OfImage(container.Image) is not { } engine)
            return null;
        var arguments = downloads.Named(new ShellCommand(started.Words) { Directory = container.WorkingDir ?? "" }, out var named);
        return Arguments(container, engine, arguments, started.Variables) with { Assumed = named };
    }

    private static EngineCommand Arguments(V1Container container, InferenceEngine engine, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var settings = new ModelServerSpec { Engine = engine, EngineVersion = EngineStart.Version(engine, container.Image) };
        var flags = new EngineArguments(engine, settings.EngineVersion, settings);
        flags.All([.. arguments]);
        if (engine == InferenceEngine.TGI)
            flags.Environment(variables);
        flags.Complete();

        // A server's context is divided among its slots.
        if (engine == InferenceEngine.LlamaCpp && settings is { ContextLength: { } whole, Sequences: { } slots })
            settings.ContextLength = Math.Max(1, whole / slots);
        var reading = flags.Reading;
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            Refused = flags.Refused,
            LeavesLength = settings.ContextLength is null && flags.LeavesContext,
        };
    }
}
