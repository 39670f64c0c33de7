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
        var reading = new Reading(engine, settings);
        reading.All([.. arguments]);
        if (engine == InferenceEngine.TGI)
            reading.Environment(variables);

        // A server's context is divided among its slots.
        if (engine == InferenceEngine.LlamaCpp && settings is { ContextLength: { } whole, Sequences: { } slots })
            settings.ContextLength = Math.Max(1, whole / slots);
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            // vLLM refuses to start where the model's whole length has no room, unless it is told to find one; the others take what there is.
            LengthIsWhatFits = settings.ContextLength is null && (engine != InferenceEngine.VLLM || reading.LeavesContext),
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

    /// <summary>Goes through the arguments of one engine.</summary>
    private sealed class Reading(InferenceEngine engine, InferenceSettings settings)
    {
        private readonly IReadOnlyDictionary<string, EngineFlag> _flags = EngineFlags.Of(engine);

        public List<string> Understood { get; } = [];

        public List<string> WithoutEffect { get; } = [];

        public List<string> NotUnderstood { get; } = [];

        /// <summary>The flag of the length was understood, whatever it says.</summary>
        public bool LeavesContext { get; private set; }

        public void All(IReadOnlyList<string> words)
        {
            for (var at = 0; at < words.Count; at++)
            {
                var (name, value) = Parts(words[at]);
                if (!IsFlag(words[at]))
                    Positional(words[at]);
                else if (!_flags.TryGetValue(name, out var flag))
                    NotUnderstood.Add(value is null && at + 1 < words.Count && !IsFlag(words[at + 1]) ? $"{words[at]} {words[++at]}" : words[at]);
                else if (flag.TakesValue && value is null && at + 1 < words.Count && !IsFlag(words[at + 1]))
                    Take(flag, $"{name} {words[at + 1]}", words[++at]);
                else
                    Take(flag, words[at], value ?? "");
            }
        }

        /// <summary>TGI's launcher takes every flag from the environment too (launcher/src/main.rs, clap's env).</summary>
        public void Environment(Dictionary<string, string> variables)
        {
            foreach (var (name, value) in variables)
            {
                if (_flags.TryGetValue($"--{name.ToLowerInvariant().Replace('_', '-')}", out var flag) && !Understood.Exists(said => said.StartsWith(flag.Names[0], StringComparison.Ordinal)))
                    Take(flag, $"{name}={value}", value);
            }
        }

        private void Take(EngineFlag flag, string said, string value)
        {
            if (flag.Set is null)
                WithoutEffect.Add(said);
            else if ((value.Length > 0 || !flag.TakesValue) && flag.Set(settings, value))
            {
                Understood.Add(said);
                LeavesContext |= flag.IsContext;
            }
            else
                NotUnderstood.Add(said);
        }

        /// <summary>The model, where it stands without a flag.</summary>
        private void Positional(string word) => (settings.Model is null && ServedModel.Set(settings, word) ? Understood : NotUnderstood).Add(word);

        /// <summary>Underscores are as good as dashes to the parsers of vLLM, SGLang and TensorRT-LLM; a value may stand behind an equals sign.</summary>
        private static (string Name, string? Value) Parts(string word)
        {
            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            var name = equals < 0 ? word : word[..equals];
            return (name.StartsWith("--", StringComparison.Ordinal) ? name.Replace('_', '-') : name, equals < 0 ? null : word[(equals + 1)..]);
        }

        private static bool IsFlag(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);
    }
}
