namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The flags of torchrun and torch.distributed.launch (torch/distributed/run.py, get_args_parser), and of hyperpodrun, which is torchrun with an agent of
/// SageMaker HyperPod (docs.aws.amazon.com/sagemaker, HyperPod training operator).
/// </summary>
internal static class TorchrunFlags
{
    public static SettingTable Table { get; } = new(
    [
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--nnodes"),
        Setting.Word((draft, count) => draft.Processes.SetPerNode(count), "--nproc-per-node"),
        Setting.WithoutEffect(FlagValues.None, "--standalone", "--run-path", "--no-python", "-m", "--module", "--use-env"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--rdzv-backend", "--rdzv-endpoint", "--rdzv-id", "--rdzv-conf", "--max-restarts", "--monitor-interval", "--start-method", "--event-log-handler", "--role",
            "--log-dir", "-r", "--redirects", "-t", "--tee", "--local-ranks-filter", "--node-rank", "--master-addr", "--master-port", "--local-addr", "--logs-specs",
            "--numa-binding", "--signals-to-handle", "--server-host", "--server-port", "--server-log-level", "--server-shutdown-timeout", "--pre-train-script", "--pre-train-args",
            "--post-train-script", "--post-train-args"),
    ]);

    /// <summary>Each flag has a default in the environment (torch/distributed/argparse_util.py); without one a single process is started.</summary>
    public static void Complete(TrainingDraft draft, IReadOnlyDictionary<string, string> variables)
    {
        var counts = draft.Processes;
        if (counts.Nodes is null && variables.GetValueOrDefault("PET_NNODES") is { } nodes)
            (counts.SetNodes(nodes) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"PET_NNODES={nodes}");
        if (counts is { PerNode: null, PerNodeIsGpus: false } && variables.GetValueOrDefault("PET_NPROC_PER_NODE") is { } count)
            (counts.SetPerNode(count) ? draft.Reading.Understood : draft.Reading.NotUnderstood).Add($"PET_NPROC_PER_NODE={count}");
        if (counts is { PerNode: null, PerNodeIsGpus: false })
            counts.PerNode = 1;
    }
}
