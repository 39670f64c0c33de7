using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Estimation;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Decisions;

/// <summary>What is to become of a pod: the same for the webhook in a cluster and for <c>gpumem admit</c> on a laptop.</summary>
public sealed record PodDecision
{
    public required bool Allowed { get; init; }

    /// <summary>Why not, and what would help; null when allowed.</summary>
    public string? Message { get; init; }

    /// <summary>The verdict in one line of at most 120 characters; null where there is none.</summary>
    public string? Line { get; init; }

    /// <summary>Shown to the person who typed the command, at most 120 characters each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyDictionary<string, string> AuditAnnotations { get; init; } = new Dictionary<string, string>();

    public static PodDecision NotOurs { get; } = new() { Allowed = true };

    /// <summary>The verdict about a pod. A pod that nothing here describes is allowed without a word.</summary>
    /// <param name="remembered">Decisions about equal pods; null decides anew.</param>
    /// <param name="together">GPUs of all pods that train with it; null reads them from the pod.</param>
    public static PodDecision Validate(V1Pod pod, PodTie tie, PoolInventory inventory, IConfigMapModels configMaps, DecisionCache? remembered = null, GpusTogether? together = null)
    {
        if (tie.Warning is { } warning)
            return new PodDecision { Allowed = true, Warnings = [warning] };
        if (tie is not { Description: { } description, Mode: not PolicyMode.Off })
            return NotOurs;
        // An MPI launcher, a Ray head, the CPU step of a workflow: its owner gave GPUs to the pods that train, and this is none of them.
        var share = GpuShare.Of(pod);
        var claims = inventory.Claims;
        if (pod.GetController() is not null && claims.GpusOf(pod, description.Namespace()) == 0 && UnknownDevice.Of(pod.Spec) is null)
            return NotOurs;
        var spec = pod.Spec ?? new V1PodSpec();
        if (KueueQueue.Admits(pod.Metadata))
            UnknownTolerations.AddTo(spec);
        var gpus = together ?? GpusTogether.Of(pod, claims.GpusOf(pod, description.Namespace()));
        PodDecision Decide() => Of(WorkloadDecision.Of(description, spec, inventory, configMaps, share, gpus) with { UsualMode = tie.UsualMode });
        return remembered is null ? Decide() : remembered.Of(new Validation(tie.Mode, description.Override(), share, gpus), description, spec, inventory, configMaps, Decide);
    }

    /// <summary>All that a pod says that can change the answer, by its value: of the templates of one workload, most say the same.</summary>
    internal static object Wishes(V1Pod pod) =>
        pod.Spec is { } spec && PodWishes.Of(spec) is { } wishes ? (wishes, GpuShare.Of(pod), KueueQueue.Admits(pod.Metadata)) : pod;

    /// <summary>The changes to make to a pod before it is validated; empty when there are none.</summary>
    /// <param name="raw">The pod as it was sent: patches are computed against it, so that no field unknown to us is lost.</param>
    /// <param name="remembered">Decisions about equal pods; null decides anew.</param>
    public static IReadOnlyList<PatchOperation> Mutate(
        JsonObject raw, V1Pod pod, PodTie tie, PoolInventory inventory, IConfigMapModels configMaps, DecisionCache? remembered = null)
    {
        // Whoever owns the pod computed quota and world size from its template and would make it again (Kueue, JobSet, Job): leave it alone.
        if (tie is not { Description: { } description, Mode: not PolicyMode.Off } || pod.GetController() is not null)
            return [];
        if (UnknownDevice.Of(pod.Spec) is not null || GpuShare.Of(pod) is not null || inventory.Claims.Of(pod.Spec, description.Namespace()) is { Count: not 0 })
            return [];
        var spec = pod.Spec ?? new V1PodSpec();
        WorkloadDecision Decide() => Placing(description, spec, inventory, configMaps) with { UsualMode = tie.UsualMode };
        return PodRewrite.Operations(raw, spec, remembered is null ? Decide() : remembered.Of(new Mutation(tie.Mode, description.Override()), description, spec, inventory, configMaps, Decide));
    }

    /// <summary>What pods of which this was decided are answered.</summary>
    internal static PodDecision Of(WorkloadDecision decision) => new()
    {
        Allowed = !decision.Denies,
        Message = decision.Denies ? decision.Text : null,
        Line = decision.Line,
        Warnings = [.. Said(decision).OfType<string>()],
        AuditAnnotations = Audit(decision),
    };

    private static string?[] Said(WorkloadDecision decision) => decision.Denies || decision.Mode == PolicyMode.Off ? []
        : decision.Warns ? [decision.Line, decision.Assumed, decision.Contradiction]
        : [decision.Contradiction];

    private static WorkloadDecision Placing(IPodDescription description, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps)
    {
        var asked = PodGpus.Of(pod);
        var isFixed = description.FixedGpus(asked) is not null;
        var reach = PoolReach.Of(inventory, pod, asked.ResourceName);
        return WorkloadDecision.Of(description, isFixed ? pod : new V1PodSpec(), reach, configMaps).PlacementOnly;
    }

    private static Dictionary<string, string> Audit(WorkloadDecision decision)
    {
        var annotations = new Dictionary<string, string> { ["verdict"] = decision.Verdict.ToString() };
        if (decision.Estimate is { } estimate)
        {
            annotations["estimate-mib"] = MiB(estimate.Expected);
            annotations["formula-version"] = Estimate.CurrentFormulaVersion;
        }
        if (decision.Description.Override() is { } reason)
            annotations["override"] = reason;
        if (decision.Best is { } best)
        {
            annotations["pool"] = best.Pool.Name;
            if (best.Pool.UsableMemory is { } usable)
                annotations["capacity-mib"] = MiB(usable);
        }
        return annotations;
    }

    private static string MiB(Bytes bytes) => (bytes.Value / Bytes.PerMiB).ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether it may run, and why: the answer differs with these.</summary>
    private sealed record Validation(PolicyMode Mode, string? Override, GpuShare? Share, GpusTogether Together);

    /// <summary>What to change in it: the answer differs with these.</summary>
    private sealed record Mutation(PolicyMode Mode, string? Override);
}
