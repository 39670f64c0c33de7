using System.Text;
using GpuMem.Api.Commands.Training;

namespace GpuMem.Api.Commands;

/// <summary>
/// What a container runs: the words of its command and arguments, or the commands of a script among them, and the environment. A script may be a word, or a
/// file that a ConfigMap holds or that the script before has written; scripts start others.
/// </summary>
internal sealed class ContainerWords
{
    /// <summary>Scripts that are gone through, of which one may start itself.</summary>
    private const int MostScripts = 16;

    /// <summary>Of one command; nobody writes as many.</summary>
    private const int MostWords = 4096;

    /// <summary>Letters of a path; the kernel takes no longer one (path_resolution(7), PATH_MAX).</summary>
    private const int LongestPath = 4096;

    /// <summary>Letters of a variable's name with what is around it; nobody writes as many.</summary>
    private const int LongestName = 256;

    private readonly List<ShellCommand> _commands = [];
    private readonly Dictionary<string, string> _variables;
    private readonly Expansions _expansions;
    private readonly Func<string, string, string?> _file;
    private readonly WrittenFiles _written = new();

    private string _directory;
    private int _scripts;

    private ContainerWords(V1PodSpec pod, V1Container container, IReadOnlyList<V1ConfigMap> configMaps, IReadOnlyList<string> words, Dictionary<string, string> variables, Expansions expansions)
    {
        (Words, _variables, _expansions, _directory) = (words, variables, expansions, container.WorkingDir ?? "");
        _file = (path, directory) => new ContainerFiles(pod, container, configMaps, _written, directory).Text(path);
        Run(new ShellCommand(words));
    }

    /// <summary>A script starts in the directory of who starts it, and leaves that one where it was.</summary>
    private void Run(ShellCommand command)
    {
        if (command.Words.Count > MostWords)
            return;
        var placed = command with { Directory = _directory };
        if (_scripts >= MostScripts || ScriptOf(placed) is not var (script, parameters) || script.Length > Expansions.LongestWord)
        {
            _written.Take(placed);
            _commands.Add(placed);
            if (command.Words is ["cd", var next] && next.Length + _directory.Length < LongestPath)
                _directory = ContainerPath.Of(next, _directory);
            return;
        }
        _scripts++;
        foreach (var inner in ShellWords.Commands(script, _variables, parameters, _expansions))
            Run(inner);
        _directory = placed.Directory;
    }

    /// <summary>The text of the script that a command starts, and what stands behind it; null where it starts none that is known.</summary>
    private (string Script, IReadOnlyList<string> Parameters)? ScriptOf(ShellCommand command)
    {
        var words = command.Words;
        if (ShellStart.Of(words) is not { } start)
            return null;
        if (start.At >= words.Count)
            return command.Document is { } document ? (document, []) : null;
        if (!start.IsFile)
            return (words[start.At], [.. words.Skip(start.At + 2)]);
        return _file(words[start.At], command.Directory) is { } text && (start.ByShell || ShellStart.IsScript(text)) ? (text, [.. words.Skip(start.At + 1)]) : null;
    }

    /// <summary>The environment, with what a script assigns to it.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>As the container is started.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words themselves, or the commands of a script among them.</summary>
    public IReadOnlyList<ShellCommand> Commands => _commands;

    /// <param name="pod">Whose volumes may hold scripts.</param>
    /// <param name="container">What is started.</param>
    /// <param name="configMaps">Those that are known, whose values may be in the environment.</param>
    public static ContainerWords Of(V1PodSpec pod, V1Container container, IReadOnlyList<V1ConfigMap>? configMaps = null)
    {
        var expansions = new Expansions();
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (var source in (container.EnvFrom ?? []).OfType<V1EnvFromSource>())
        {
            foreach (var (name, value) in Data(configMaps, source.ConfigMapRef?.Name))
                variables[$"{source.Prefix}{name}"] = value;
        }
        foreach (var variable in (container.Env ?? []).OfType<V1EnvVar>())
        {
            if (variable is { Name: { } name, Value: { } value })
                variables[name] = Expand(value, variables, expansions);
            else if (variable is { Name: { } named, ValueFrom.ConfigMapKeyRef: { Name: var map, Key: { } key } } && Data(configMaps, map).TryGetValue(key, out var held))
                variables[named] = held;
        }
        return new ContainerWords(
            pod, container, configMaps ?? [], [.. (container.Command ?? []).Concat(container.Args ?? []).OfType<string>().Select(word => Expand(word, variables, expansions))], variables, expansions);
    }

    private static IDictionary<string, string> Data(IReadOnlyList<V1ConfigMap>? configMaps, string? name) =>
        configMaps?.FirstOrDefault(map => map.Metadata?.Name == name)?.Data ?? new Dictionary<string, string>();

    /// <summary>Replaces <c>$(NAME)</c> as the kubelet does: a name that is not known stays (k8s.io/kubernetes/third_party/forked/golang/expansion).</summary>
    private static string Expand(string word, Dictionary<string, string> variables, Expansions expansions)
    {
        var (expanded, done) = (default(StringBuilder), 0);
        for (var at = word.IndexOf("$(", StringComparison.Ordinal); at >= 0; at = word.IndexOf("$(", Math.Max(at + 2, done), StringComparison.Ordinal))
        {
            var end = word.IndexOf(')', at, Math.Min(LongestName, word.Length - at));
            if (end < 0 || !variables.TryGetValue(word[(at + 2)..end], out var value) || !expansions.Take(value.Length))
                continue;
            (expanded ??= new StringBuilder()).Append(word, done, at - done).Append(value);
            done = end + 1;
        }
        return expanded is null ? word : expanded.Append(word, done, word.Length - done).ToString();
    }
}
