using GpuMem.Api.Serving;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>Reads the engines' own command lines in the containers of a pod: nothing is run, and what is not understood is said.</summary>
public static class EngineCommandReader
{
    /// <returns>One for each container that starts an engine.</returns>
    public static IEnumerable<EngineCommand> Read(V1PodSpec pod) => (pod.Containers ?? []).OfType<V1Container>().Select(Of).OfType<EngineCommand>();

    private static EngineCommand? Of(V1Container container)
    {
        var variables = Variables(container);
        List<string> words = [.. (container.Command ?? []).Concat(container.Args ?? []).OfType<string>().Select(word => Expand(word, variables))];
        foreach (var command in Simple(words, variables))
        {
            if (EngineStart.Of(command) is { } start)
                return Arguments(container, start.Engine, command.Skip(start.Arguments), variables);
        }
        return container.Command is not { Count: > 0 } && EngineStart.OfImage(container.Image) is { } engine ? Arguments(container, engine, words, variables) : null;
    }

    /// <summary>The words themselves, and the commands of a script among them.</summary>
    private static List<List<string>> Simple(List<string> words, Dictionary<string, string> variables)
    {
        var script = words.FindIndex(word => word is "-c" or "-lc" or "-ec" or "-exc");
        return script > 0 && script + 1 < words.Count && Path.GetFileName(words[0]) is "sh" or "bash" or "dash" or "zsh"
            ? ShellWords.Commands(words[script + 1], variables)
            : [words];
    }

    private static EngineCommand Arguments(V1Container container, InferenceEngine engine, IEnumerable<string> arguments, Dictionary<string, string> variables)
    {
        var settings = new InferenceSettings { Engine = engine, EngineVersion = EngineStart.Version(engine, container.Image) };
        var reading = new EngineArguments(engine, settings.EngineVersion, settings);
        reading.All([.. arguments]);
        if (engine == InferenceEngine.TGI)
            reading.Environment(variables);
        reading.Complete();

        // A server's context is divided among its slots.
        if (engine == InferenceEngine.LlamaCpp && settings is { ContextLength: { } whole, Sequences: { } slots })
            settings.ContextLength = Math.Max(1, whole / slots);
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            Refused = reading.Refused,
            LeavesLength = settings.ContextLength is null && reading.LeavesContext,
        };
    }

    private static Dictionary<string, string> Variables(V1Container container)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (var variable in container.Env ?? [])
        {
            if (variable is { Name: { } name, Value: { } value })
                variables[name] = Expand(value, variables);
        }
        return variables;
    }

    /// <summary>Replaces <c>$(NAME)</c> as the kubelet does: a name that is not known stays (k8s.io/kubernetes/third_party/forked/golang/expansion).</summary>
    private static string Expand(string word, Dictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
            word = word.Replace($"$({name})", value, StringComparison.Ordinal);
        return word;
    }
}
