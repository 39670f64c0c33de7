namespace GpuMem.Api.Commands.Training;

/// <summary>Which program a script or module is: launchers start trainers by those.</summary>
internal static class ScriptProgram
{
    // Whatever Megatron's script is called, it is told these.
    private static readonly string[] OfMegatron = ["--num-layers", "--hidden-size", "--micro-batch-size"];

    /// <summary>The modules of ms-swift's megatron command.</summary>
    private const string SwiftsMegatron = "swift.cli._megatron.";

    /// <summary>What a script or module is, by its name and by what it is told.</summary>
    /// <param name="draft">Its files tell what stands where flags would.</param>
    /// <param name="by">The launcher; empty where it is started directly.</param>
    /// <param name="script">Its name.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="isLaunched">A launcher of trainings starts it.</param>
    /// <returns>Null when it trains nothing.</returns>
    public static TrainingStart? Start(TrainingDraft draft, string by, string script, List<string> arguments, bool isLaunched)
    {
        var program = script == "axolotl.cli.train" ? AxolotlKeys.Program
            : FmsTuning.Is(script) ? FmsTuning.Program
            : NanotronKeys.IsToldSo(script, arguments) ? NanotronKeys.Program
            : LlmFoundryKeys.IsToldSo(FlagsOf(draft, arguments), by, script, arguments) ? LlmFoundryKeys.Program
            : Path.GetFileName(script) == "unsloth-cli.py" ? UnslothKeys.Script
            : OfTrl(script) ?? VerlSftKeys.Of(script) ?? OfSwift(script) ?? OfOpenRlhf(script) ?? (IsTorchtitan(script, arguments) ? TorchtitanKeys.Program
            : IsMegatron(arguments) ? MegatronFlags.Program
            : IsLlamaFactory(draft, arguments) ? LlamaFactoryKeys.Program
            : LlamaCookbookKeys.IsToldSo(FlagsOf(draft, arguments)) ? LlamaCookbookKeys.Program
            : OfTransformers(script, [.. FlagsOf(draft, arguments)], isLaunched, isLaunched && ProgramFile.Of(arguments) is not null));
        return program is null ? null : new TrainingStart(by, program, script, arguments);
    }

    private static TrainingProgram? OfTransformers(string script, List<string> flags, bool isLaunched, bool hasFile) =>
        !hasFile && !TransformersTrainer.IsToldSo(flags, isLaunched) ? (isLaunched ? TransformersTrainer.Unknown(script) : null)
        : TransformersTrainer.IsForeign(flags) ? TransformersTrainer.Unknown(script)
        : TransformersTrainer.Program;

    /// <summary>TRL's scripts are modules of it, and examples beside it.</summary>
    private static TrainingProgram? OfTrl(string script) =>
        script.StartsWith("trl.scripts.", StringComparison.Ordinal) ? TrlTrainer.Of(script["trl.scripts.".Length..])
        : script.Contains("trl/scripts/", StringComparison.Ordinal) || script.Contains("examples/scripts/", StringComparison.Ordinal) ? TrlTrainer.Of(Path.GetFileNameWithoutExtension(script))
        : null;

    /// <summary>swift starts a module of it by its file.</summary>
    private static TrainingProgram? OfSwift(string script) =>
        script.StartsWith(SwiftsMegatron, StringComparison.Ordinal) ? SwiftMegatron.Of(script[SwiftsMegatron.Length..])
        : script.Contains("swift/cli/_megatron/", StringComparison.Ordinal) ? SwiftMegatron.Of(Path.GetFileNameWithoutExtension(script))
        : script.StartsWith("swift.cli.", StringComparison.Ordinal) ? SwiftKeys.Of(script["swift.cli.".Length..])
        : script.Contains("swift/cli/", StringComparison.Ordinal) ? SwiftKeys.Of(Path.GetFileNameWithoutExtension(script))
        : null;

    private static TrainingProgram? OfOpenRlhf(string script) =>
        script.StartsWith("openrlhf.cli.", StringComparison.Ordinal) ? OpenRlhfKeys.Of(script["openrlhf.cli.".Length..])
        : script.Contains("openrlhf/cli/", StringComparison.Ordinal) ? OpenRlhfKeys.Of(Path.GetFileNameWithoutExtension(script))
        : null;

    private static bool IsTorchtitan(string script, List<string> arguments) => script == "torchtitan.train" || script.EndsWith("torchtitan/train.py", StringComparison.Ordinal)
        || TorchtitanKeys.IsToldSo(arguments.Where(Argument.IsFlag).Select(word => word.Split('=')[0]));

    private static bool IsMegatron(List<string> arguments) => OfMegatron
        .All(flag => arguments.Exists(word => Argument.NameOf(word.Split('=')[0]) == flag));

    private static bool IsLlamaFactory(TrainingDraft draft, List<string> arguments) => LlamaFactoryKeys.IsToldSo(FlagsOf(draft, arguments));

    /// <summary>The names of the flags, and of the keys of a file that stands where flags would.</summary>
    private static IEnumerable<string> FlagsOf(TrainingDraft draft, List<string> arguments) => arguments.Where(Argument.IsFlag).Select(word => word.Split('=')[0])
        .Concat(ProgramFile.Of(arguments) is { } path && draft.Files.Read(path, out _) is { } keys ? keys.Select(key => $"--{key.Key}") : []);
}
