namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of Composer's launcher (mosaicml/composer composer/cli/launcher.py, _get_parser).</summary>
internal static class ComposerFlags
{
    public static SettingTable Table { get; } = new(
    [
        Setting.Word((draft, count) => draft.Processes.SetPerNode(count), "-n", "--nproc"),
        Setting.Word((draft, count) => draft.Processes.SetInAll(count), "--world_size"),
        Setting.WithoutEffect(FlagValues.None, "-m", "--module_mode", "-c", "--command_mode", "-v", "--verbose"),
        Setting.WithoutEffect(FlagValues.One, "--base_rank", "--node_rank", "--master_addr", "--master_port", "--run_directory", "--stdout", "--stderr"),
    ]);

    /// <summary>Each flag has a variable of the environment for its default; without one there is a process for each GPU of the machine.</summary>
    public static void Complete(TrainingDraft draft, IReadOnlyDictionary<string, string> variables)
    {
        var counts = draft.Processes;
        if (counts is { PerNode: null, PerNodeIsGpus: false } && variables.GetValueOrDefault("LOCAL_WORLD_SIZE") is { } each)
            (counts.SetPerNode(each) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"LOCAL_WORLD_SIZE={each}");
        if (counts.InAll is null && variables.GetValueOrDefault("WORLD_SIZE") is { } all)
            (counts.SetInAll(all) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"WORLD_SIZE={all}");
        if (counts is { PerNode: null })
            counts.PerNodeIsGpus = true;
        // One machine, unless the processes in all say otherwise (world_size defaults to nproc).
        if (counts.InAll is null)
            counts.Nodes ??= 1;
    }
}
