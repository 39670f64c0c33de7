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
        var started = ContainerWords.Of(container);
        foreach (var command in started.Commands)
        {
            if (EngineStart.Of(command) is { } start)
                return Arguments(container, start.Engine, command.Skip(start.Arguments), started.Variables);
        }
        return container.Command is not { Count: > 0 } && EngineStart.OfImage(container.Image) is { } engine ? Arguments(container, engine, started.Words, started.Variables) : null;
    }

    private static EngineCommand Arguments(V1Container container, InferenceEngine engine, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var settings = new InferenceSettings { Engine = engine, EngineVersion = EngineStart.Version(engine, container.Image) };
        var flags = new EngineArguments(engine, settings);
        flags.All([.. arguments]);
        if (engine == InferenceEngine.TGI)
            flags.Environment(variables);

        // A server's context is divided among its slots.
        if (engine == InferenceEngine.LlamaCpp && settings is { ContextLength: { } whole, Sequences: { } slots })
            settings.ContextLength = Math.Max(1, whole / slots);
        var reading = flags.Reading;
        return new EngineCommand(container.Name ?? "", settings, reading.Understood, reading.WithoutEffect, reading.NotUnderstood)
        {
            // vLLM refuses to start where the model's whole length has no room, unless it is told to find one; the others take what there is.
            LengthIsWhatFits = settings.ContextLength is null && (engine != InferenceEngine.VLLM || flags.LeavesContext),
        };
    }

    /// <summary>Goes through the arguments of one engine.</summary>
    private sealed class EngineArguments(InferenceEngine engine, InferenceSettings settings)
    {
        private readonly IReadOnlyDictionary<string, EngineFlag> _flags = EngineFlags.Of(engine);

        public Reading Reading { get; } = new();

        /// <summary>The flag of the length was understood, whatever it says.</summary>
        public bool LeavesContext { get; private set; }

        public void All(IReadOnlyList<string> words)
        {
            foreach (var argument in Argument.Split(words, name => _flags.TryGetValue(name, out var known) ? known.TakesValue ? FlagValues.One : FlagValues.None : null))
            {
                if (argument.Name is null)
                    Positional(argument.Said);
                else if (_flags.TryGetValue(argument.Name, out var flag))
                    Take(flag, argument.Said, argument.Values is [var value] ? value : "");
                else
                    Reading.NotUnderstood.Add(argument.Said);
            }
        }

        /// <summary>TGI's launcher takes every flag from the environment too (launcher/src/main.rs, clap's env).</summary>
        public void Environment(IReadOnlyDictionary<string, string> variables)
        {
            foreach (var (name, value) in variables)
            {
                if (_flags.TryGetValue($"--{name.ToLowerInvariant().Replace('_', '-')}", out var flag) && !Reading.Understood.Exists(said => said.StartsWith(flag.Names[0], StringComparison.Ordinal)))
                    Take(flag, $"{name}={value}", value);
            }
        }

        private void Take(EngineFlag flag, string said, string value)
        {
            if (flag.Set is null)
                Reading.WithoutEffect.Add(said);
            else if ((value.Length > 0 || !flag.TakesValue) && flag.Set(settings, value))
            {
                Reading.Understood.Add(said);
                LeavesContext |= flag.IsContext;
            }
            else
                Reading.NotUnderstood.Add(said);
        }

        /// <summary>The model, where it stands without a flag.</summary>
        private void Positional(string word) => (settings.Model is null && ServedModel.Set(settings, word) ? Reading.Understood : Reading.NotUnderstood).Add(word);
    }
}
