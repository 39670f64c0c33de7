namespace GpuMem.Api.Commands.Training;

/// <summary>Which training a command starts: launchers are gone through until the program that trains and its own arguments are left.</summary>
/// <param name="By">The launcher; empty where the program is started directly.</param>
/// <param name="Program">What trains.</param>
/// <param name="Said">The words that name it.</param>
/// <param name="Arguments">Its own arguments.</param>
internal sealed record TrainingStart(string By, TrainingProgram Program, string Said, IReadOnlyList<string> Arguments)
{
    // What only starts another command, whose first words are then its own.
    private static readonly string[] Wrappers =
        ["exec", "eval", "env", "nohup", "time", "sudo", "uv", "run", "poetry", "conda", "mpirun", "mpiexec", "srun", "numactl", "nsys", "stdbuf", "timeout", "nice", "tini", "dumb-init", "if", "!", "until", "while", "then", "else", "do", "--", "{"];

    private const string VerlModule = "verl.trainer.main_ppo";

    /// <param name="draft">What launchers say is written to it.</param>
    /// <param name="words">One command.</param>
    /// <param name="variables">Its environment.</param>
    /// <returns>Null when no training is started.</returns>
    public static TrainingStart? Of(TrainingDraft draft, IReadOnlyList<string> words, Dictionary<string, string> variables)
    {
        var isWrapped = false;
        for (var at = 0; at < words.Count; at++)
        {
            if (ShellWords.IsAssignment(words[at]))
                variables[words[at].Split('=')[0]] = words[at][(words[at].IndexOf('=', StringComparison.Ordinal) + 1)..];
            else if (Launched(draft, words, at, variables) is { } start)
                return start;
            else if (Wrappers.Contains(Path.GetFileName(words[at])))
                (isWrapped, _) = (true, words[at] is "mpirun" or "mpiexec" && Ranks(draft, words.Skip(at + 1).ToList()));
            else if (!isWrapped)
                return null;
        }
        return words.Count == 0 ? FmsTuning.Start(draft, variables) : null;
    }

    private static TrainingStart? Launched(TrainingDraft draft, IReadOnlyList<string> words, int at, Dictionary<string, string> variables)
    {
        List<string> rest = [.. words.Skip(at + 1)];
        var program = Path.GetFileName(words[at]);
        return (program, rest) switch
        {
            ("torchrun" or "hyperpodrun", _) => Torchrun(draft, rest, variables),
            ("accelerate", ["launch", .. var flags]) => Accelerate(draft, flags),
            ("accelerate-launch", _) => Accelerate(draft, rest),
            ("deepspeed", _) => DeepSpeed(draft, rest),
            ("axolotl", ["train", .. var arguments]) => Axolotl(draft, arguments, variables),
            ("composer", _) => Composer(draft, rest, variables),
            ("llmfoundry", ["train", .. var arguments]) => new TrainingStart("", LlmFoundryKeys.Program, "llmfoundry train", Alone(draft, variables) ? arguments : []),
            ("llamafactory-cli" or "lmf", ["train", .. var arguments]) => LlamaFactory(draft, arguments, variables),
            ("ray", ["job", "submit", .. var flags]) when flags.FindIndex(word => OfRay(word) is not null) is >= 0 and var module => OnRay(draft, flags[module], flags[(module + 1)..]),
            ("megatron", [var command, .. var arguments]) when SwiftMegatron.Of(command) is { } trainer => Megatron(draft, trainer, $"megatron {command}", arguments, variables),
            ("unsloth", ["train", .. var arguments]) => new TrainingStart("unsloth", UnslothKeys.Command, "unsloth train", Alone(draft, variables) ? arguments : []),
            ("swift", [var command, .. var arguments]) when SwiftKeys.Of(command) is { } trainer => Swift(draft, trainer, $"swift {command}", arguments, variables),
            ("trl", [var command, .. var arguments]) when TrlTrainer.Of(command) is { } trainer => new TrainingStart("trl", trainer, $"trl {command}", arguments),
            ("tune", ["run", .. var flags]) => Tune(draft, flags, variables),
            ("litgpt", [var command, .. var arguments]) when LitGptKeys.Of(command) is { } trainer => new TrainingStart("litgpt", trainer, $"litgpt {command}", LitGpt(arguments)),
            _ when IsPython(program) => Python(draft, rest, variables),
            _ => null,
        };
    }

    private static bool IsPython(string program) => program.StartsWith("python", StringComparison.Ordinal) && program["python".Length..].All(letter => char.IsAsciiDigit(letter) || letter == '.');

    /// <summary>Python's own flags, then a module or a script; launchers are modules, too.</summary>
    private static TrainingStart? Python(TrainingDraft draft, List<string> words, Dictionary<string, string> variables)
    {
        var at = 0;
        while (at < words.Count && Argument.IsFlag(words[at]) && words[at] != "-m")
            at += words[at] is "-W" or "-X" ? 2 : 1;
        return words[Math.Min(at, words.Count)..] switch
        {
            ["-m", "torch.distributed.run" or "torch.distributed.launch", .. var flags] => Torchrun(draft, flags, variables),
            ["-m", "accelerate.commands.launch", .. var flags] => Accelerate(draft, flags),
            ["-m", "accelerate.commands.accelerate_cli", "launch", .. var flags] => Accelerate(draft, flags),
            ["-m", "deepspeed.launcher.runner", .. var flags] => DeepSpeed(draft, flags),
            ["-m", "composer.cli.launcher", .. var flags] => Composer(draft, flags, variables),
            ["-m", "axolotl.cli.main", "train", .. var arguments] => Axolotl(draft, arguments, variables),
            ["-m", "llamafactory.cli", "train", .. var arguments] => LlamaFactory(draft, arguments, variables),
            ["-m", var module, .. var arguments] when OfRay(module) is not null => OnRay(draft, module, arguments),
            ["-m", var module, .. var arguments] when Alone(draft, variables) => ScriptProgram.Start(draft, "", module, arguments, isLaunched: false),
            [var script, ..] when Path.GetFileName(script) == FmsTuning.Launcher => FmsTuning.Start(draft, variables),
            [var script, .. var arguments] when script.EndsWith(".py", StringComparison.Ordinal) && Alone(draft, variables) => ScriptProgram.Start(draft, "", script, arguments, isLaunched: false),
            _ => null,
        };
    }

    /// <summary>One process; of how many in all an operator may have put into the environment.</summary>
    private static bool Alone(TrainingDraft draft, Dictionary<string, string> variables)
    {
        if (variables.GetValueOrDefault("WORLD_SIZE") is { } size && draft.Processes.InAll is null)
            (draft.Processes.SetInAll(size) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"WORLD_SIZE={size}");
        foreach (var (variable, who) in new[] { (OperatorEnvironment.Ray, "Ray"), (OperatorEnvironment.Spark, "Spark") })
            if (variables.ContainsKey(variable) && draft.Processes.InAll is null)
                draft.Reading.NotUnderstood.Add($"how many processes {who} starts, which only the script says");
        if (draft.Processes.InAll is null)
            (draft.Processes.PerNode, draft.Processes.Nodes) = (1, 1);
        return true;
    }

    private static TrainingStart? Torchrun(TrainingDraft draft, List<string> words, Dictionary<string, string> variables) =>
        Behind(draft, TorchrunFlags.Table, words, () => TorchrunFlags.Complete(draft, variables)) is { } left ? ScriptProgram.Start(draft, "torchrun", left[0], left[1..], isLaunched: true) : null;

    private static TrainingStart? Accelerate(TrainingDraft draft, List<string> words) =>
        Behind(draft, AccelerateFlags.Table, words, () => AccelerateFlags.Complete(draft)) is { } left ? ScriptProgram.Start(draft, "accelerate", left[0], left[1..], isLaunched: true) : null;

    private static TrainingStart? DeepSpeed(TrainingDraft draft, List<string> words) =>
        Behind(draft, DeepSpeedLauncherFlags.Table, words, () => DeepSpeedLauncherFlags.Complete(draft)) is { } left ? ScriptProgram.Start(draft, "deepspeed", left[0], left[1..], isLaunched: true) : null;

    private static TrainingStart? Composer(TrainingDraft draft, List<string> words, Dictionary<string, string> variables) =>
        Behind(draft, ComposerFlags.Table, words, () => ComposerFlags.Complete(draft, variables)) is { } left ? ScriptProgram.Start(draft, "composer", left[0], left[1..], isLaunched: true) : null;

    /// <summary>A launcher's flags stand before the script; a file that they name comes first, because flags say it over again.</summary>
    private static List<string>? Behind(TrainingDraft draft, SettingTable table, List<string> words, Action complete)
    {
        List<Argument> flags = [];
        var at = 0;
        for (; at < words.Count && Argument.IsFlag(words[at]); at += flags[^1].Words)
            flags.Add(Argument.At(words, at, table.ValuesOf));
        if (at >= words.Count)
            return null;
        foreach (var flag in flags.OrderBy(flag => flag.Name == "--config-file" ? 0 : 1))
            table.Take(draft, flag);
        complete();
        return words[at..];
    }

    /// <summary>Axolotl's own launcher is accelerate; what stands behind two dashes is the launcher's (axolotl/cli/utils/train.py).</summary>
    private static TrainingStart? Axolotl(TrainingDraft draft, List<string> words, Dictionary<string, string> variables)
    {
        var dashes = words.IndexOf("--");
        List<string> own = dashes < 0 ? words : words[..dashes], launchers = dashes < 0 ? [] : words[(dashes + 1)..];
        var named = own.FindIndex(word => word is "--launcher");
        var launcher = named >= 0 && named + 1 < own.Count ? own[named + 1] : own.Find(word => word.StartsWith("--launcher=", StringComparison.Ordinal))?["--launcher=".Length..] ?? "accelerate";
        own = [.. own.Where((word, at) => !word.StartsWith("--launcher", StringComparison.Ordinal) && (named < 0 || at != named + 1))];
        var started = launcher switch
        {
            "torchrun" => Torchrun(draft, [.. launchers, "axolotl.cli.train"], variables),
            "python" => ScriptProgram.Start(draft, "", "axolotl.cli.train", [], isLaunched: Alone(draft, variables)),
            _ => Accelerate(draft, [.. launchers, "axolotl.cli.train"]),
        };
        return started is null ? null : started with { Said = "axolotl train", Arguments = own };
    }

    /// <summary>torchrun under another name, by the environment (llamafactory/launcher.py); on one GPU the program itself.</summary>
    private static TrainingStart LlamaFactory(TrainingDraft draft, List<string> words, Dictionary<string, string> variables)
    {
        CountProcesses(draft, variables);
        if (variables.GetValueOrDefault("FORCE_TORCHRUN") is { } force)
            draft.Reading.Understood.Add($"FORCE_TORCHRUN={force}");
        draft.Processes.Nodes ??= 1;
        if (draft.Processes.PerNode is null)
            draft.Processes.PerNodeIsGpus = true;
        return new TrainingStart("llamafactory-cli", LlamaFactoryKeys.Program, "llamafactory-cli train", words);
    }

    /// <summary>What trains over Ray, by its module.</summary>
    private static TrainingProgram? OfRay(string module) => module switch { VerlModule => VerlKeys.Program, OpenRlhfRay.Module => OpenRlhfRay.Program, _ => null };

    /// <summary>Its processes are Ray's, as many as its own arguments say.</summary>
    private static TrainingStart OnRay(TrainingDraft draft, string module, List<string> words)
    {
        draft.Processes.PerNode = null;
        return new TrainingStart("", OfRay(module)!, module, words);
    }

    /// <summary>The same as swift of another command (swift/cli/_megatron/main.py), whose processes have a GPU each.</summary>
    private static TrainingStart Megatron(TrainingDraft draft, TrainingProgram program, string said, List<string> words, Dictionary<string, string> variables)
    {
        CountProcesses(draft, variables);
        draft.Processes.Nodes ??= 1;
        if (draft.Processes is { PerNode: null, PerNodeIsGpus: false })
            draft.Processes.PerNode = 1;
        return new TrainingStart("megatron", program, said, words);
    }

    /// <summary>torchrun where the environment counts processes or nodes; else one process, which takes all GPUs that it sees (swift/cli/main.py, use_torchrun).</summary>
    private static TrainingStart Swift(TrainingDraft draft, TrainingProgram program, string said, List<string> words, Dictionary<string, string> variables)
    {
        CountProcesses(draft, variables);
        draft.Processes.SpreadsLayers = true;
        if (variables.GetValueOrDefault(SwiftRun.LossChunk) is { } chunk)
        {
            draft.Together[SwiftRun.LossChunk] = chunk;
            draft.Reading.Understood.Add($"{SwiftRun.LossChunk}={chunk}");
        }
        if (variables.GetValueOrDefault("CUDA_VISIBLE_DEVICES") is { Length: > 0 } visible)
        {
            draft.Processes.Visible = visible.Split(',').Length;
            draft.Reading.Understood.Add($"CUDA_VISIBLE_DEVICES={visible}");
        }
        draft.Processes.Nodes ??= 1;
        if (draft.Processes is { PerNode: null, PerNodeIsGpus: false })
            draft.Processes.PerNode = 1;
        return new TrainingStart("swift", program, said, words);
    }

    private static void CountProcesses(TrainingDraft draft, Dictionary<string, string> variables)
    {
        foreach (var (name, set) in new (string, Func<string, bool>)[] { ("NNODES", draft.Processes.SetNodes), ("NPROC_PER_NODE", draft.Processes.SetPerNode) })
        {
            if (variables.GetValueOrDefault(name) is { } value)
                (set(value) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"{name}={value}");
        }
    }

    /// <summary>tune run has the flags of torchrun before the recipe; without any there is one process (torchtune/_cli/run.py).</summary>
    private static TrainingStart? Tune(TrainingDraft draft, List<string> words, Dictionary<string, string> variables)
    {
        if (Behind(draft, TorchrunFlags.Table, words, () => TorchrunFlags.Complete(draft, variables)) is not { } left)
            return null;
        return new TrainingStart("tune", TorchtuneKeys.Program, $"tune run {left[0]}", left[1..]);
    }

    /// <summary>A checkpoint may stand alone in front of the flags (jsonargparse takes it for the first parameter).</summary>
    private static List<string> LitGpt(List<string> arguments) => arguments is [var first, ..] && !Argument.IsFlag(first) ? ["--checkpoint_dir", .. arguments] : arguments;

    /// <summary>mpirun -np N.</summary>
    private static bool Ranks(TrainingDraft draft, List<string> words)
    {
        var at = words.FindIndex(word => word is "-np" or "-n" or "--np");
        if (at < 0 || at + 1 >= words.Count || !draft.Processes.SetInAll(words[at + 1]))
            return false;
        draft.Reading.Understood.Add($"{words[at]} {words[at + 1]}");
        return true;
    }
}
