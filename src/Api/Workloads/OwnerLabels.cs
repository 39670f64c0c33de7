namespace GpuMem.Api.Workloads;

/// <summary>Labels by which controllers name, on each pod, the workload at the top.</summary>
public static class OwnerLabels
{
    private const string PartOf = "app.kubernetes.io/part-of";

    private const string Name = "app.kubernetes.io/name";

    // What each controller writes: jobset api/jobset/v1alpha2, lws api/leaderworkerset/v1, kserve pkg/constants, kuberay ray-operator/controllers/ray/utils,
    // argo-workflows workflow/common, kaito api/v1beta1/labels, katib pkg/controller.v1beta1/consts. A TrainJob's JobSet has its name.
    private static readonly (string Label, (string Group, string Kind)[] Owners)[] Labels =
    [
        ("jobset.sigs.k8s.io/jobset-name", [("jobset.x-k8s.io", "JobSet"), ("trainer.kubeflow.org", "TrainJob")]),
        ("leaderworkerset.sigs.k8s.io/name", [("leaderworkerset.x-k8s.io", "LeaderWorkerSet")]),
        ("serving.kserve.io/inferenceservice", [("serving.kserve.io", "InferenceService")]),
        ("ray.io/cluster", [("ray.io", "RayCluster")]),
        ("ray.io/originated-from-cr-name", [("ray.io", "RayJob"), ("ray.io", "RayService")]),
        ("workflows.argoproj.io/workflow", [("argoproj.io", "Workflow")]),
        ("kaito.sh/workspace", [("kaito.sh", "Workspace")]),
        ("katib.kubeflow.org/trial", [("kubeflow.org", "Trial")]),
        ("katib.kubeflow.org/experiment", [("kubeflow.org", "Experiment")]),
    ];

    /// <summary>All of them.</summary>
    internal static IEnumerable<string> Known => [.. Labels.Select(label => label.Label), OwnerNames.TemplateHashLabel, PartOf, Name];

    /// <summary>The workloads that the labels name.</summary>
    public static IEnumerable<V1OwnerReference> Of(V1ObjectMeta? metadata)
    {
        if (metadata?.Labels is not { Count: > 0 } labels)
            yield break;
        foreach (var (label, owners) in Labels)
            if (labels.TryGetValue(label, out var name) && name.Length > 0)
                foreach (var (group, kind) in owners)
                    yield return Reference(group, kind, name);
        if (labels.TryGetValue(PartOf, out var whole) && whole == "llminferenceservice" && labels.TryGetValue(Name, out var service))
            yield return Reference("serving.kserve.io", "LLMInferenceService", service);
    }

    /// <summary>A workload of which no version is known: it is found by its group.</summary>
    internal static V1OwnerReference Reference(string group, string kind, string name) => new() { ApiVersion = $"{group}/", Kind = kind, Name = name, Controller = true };
}
