namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of the deepspeed launcher (deepspeed/launcher/runner.py, parse_args).</summary>
internal static class DeepSpeedLauncherFlags
{
    public static SettingTable Table { get; } = new(
    [
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--num_nodes"),
        Setting.Word((draft, count) => draft.Processes.SetPerNode(count), "--num_gpus", "--num_accelerators"),
        Setting.Word(Include, "-i", "--include"),
        Setting.WithoutEffect(FlagValues.None, "--module", "--no_python", "--no_local_rank", "--no_ssh", "--no_ssh_check", "--force_multi", "--save_pid", "--bind_cores_to_rank", "-q", "--quiet"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--master_port", "--master_addr", "--node_rank", "--launcher", "--launcher_args", "--enable_each_rank_log", "--bind_core_list", "--ssh_port", "--venv_script", "--log_level"),
    ]);

    /// <summary>All GPUs of the machine, unless a file of hosts or a flag says otherwise.</summary>
    public static void Complete(TrainingDraft draft)
    {
        if (draft.Processes is { PerNode: null, InAll: null })
            draft.Processes.PerNodeIsGpus = true;
    }

    /// <summary>HOST:0,1@HOST:0,1: the GPUs of each host; a host alone is all of them.</summary>
    private static bool Include(TrainingDraft draft, string text)
    {
        var hosts = text.Split('@');
        var slots = hosts[0].Split(':') is [_, var listed] ? listed.Split(',').Length : 0;
        draft.Processes.Nodes = hosts.Length;
        draft.Processes.PerNode = slots > 0 ? slots : null;
        draft.Processes.PerNodeIsGpus = slots == 0;
        return hosts.All(host => host.Contains(':', StringComparison.Ordinal) == slots > 0);
    }
}
