namespace GpuMem.Api.Commands;

/// <summary>What a container runs: the words of its command and arguments, or the commands of a script among them, and the environment.</summary>
internal sealed class ContainerWords
{
    private ContainerWords(IReadOnlyList<string> words, Dictionary<string, string> variables, string directory)
    {
        Variables = variables;
        Words = words;
        var commands = ShellStart.ScriptIn(words) is { } script
            ? ShellWords.Commands(words[script], variables, [.. words.Skip(script + 2)])
            : [new ShellCommand(words)];
        List<ShellCommand> placed = [];
        foreach (var command in commands)
        {
            placed.Add(command with { Directory = directory });
            if (command.Words is ["cd", var next])
                directory = ContainerPath.Of(next, directory);
        }
        Commands = placed;
    }

    /// <summary>The environment, with what a script assigns to it.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>As the container is started.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words themselves, or the commands of a script among them.</summary>
    public IReadOnlyList<ShellCommand> Commands { get; }

    /// <param name="container">What is started.</param>
    /// <param name="configMaps">Those that are known, whose values may be in the environment.</param>
    public static ContainerWords Of(V1Container container, IReadOnlyList<V1ConfigMap>? configMaps = null)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (var source in (container.EnvFrom ?? []).OfType<V1EnvFromSource>())
        {
            foreach (var (name, value) in Data(configMaps, source.ConfigMapRef?.Name))
                variables[$"{source.Prefix}{name}"] = value;
        }
        foreach (var variable in (container.Env ?? []).OfType<V1EnvVar>())
        {
            if (variable is { Name: { } name, Value: { } value })
                variables[name] = Expand(value, variables);
            else if (variable is { Name: { } named, ValueFrom.ConfigMapKeyRef: { Name: var map, Key: { } key } } && Data(configMaps, map).TryGetValue(key, out var held))
                variables[named] = held;
        }
        return new ContainerWords([.. (container.Command ?? []).Concat(container.Args ?? []).OfType<string>().Select(word => Expand(word, variables))], variables, container.WorkingDir ?? "");
    }

    private static IDictionary<string, string> Data(IReadOnlyList<V1ConfigMap>? configMaps, string? name) =>
        configMaps?.FirstOrDefault(map => map.Metadata?.Name == name)?.Data ?? new Dictionary<string, string>();

    /// <summary>Replaces <c>$(NAME)</c> as the kubelet does: a name that is not known stays (k8s.io/kubernetes/third_party/forked/golang/expansion).</summary>
    private static string Expand(string word, Dictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
            word = word.Replace($"$({name})", value, StringComparison.Ordinal);
        return word;
    }
}
