namespace GpuMem.Api.Workloads;

/// <summary>Labels by which controllers name, on each pod, the workload at the top.</summary>
public static class OwnerLabels
{
    private const string PartOf = "app.kubernetes.io/part-of";

    private const string Name = "app.kubernetes.io/name";

    private const string ManagedBy = "app.kubernetes.io/managed-by";

    // What each controller writes: jobset api/jobset/v1alpha2, lws api/leaderworkerset/v1, kserve pkg/constants, kuberay ray-operator/controllers/ray/utils,
    // argo-workflows workflow/common, kaito api/v1beta1/labels, katib pkg/controller.v1beta1/consts, rbg api/workloads/constants, aibrix pkg/controller/constants,
    // kthena docs, dynamo deploy/operator/internal/consts. A TrainJob's JobSet has its name.
    private static readonly (string Label, (string Group, string Kind)[] Owners)[] Labels =
    [
        ("jobset.sigs.k8s.io/jobset-name", [("jobset.x-k8s.io", "JobSet"), ("trainer.kubeflow.org", "TrainJob")]),
        ("leaderworkerset.sigs.k8s.io/name", [("leaderworkerset.x-k8s.io", "LeaderWorkerSet")]),
        ("serving.kserve.io/inferenceservice", [("serving.kserve.io", "InferenceService")]),
        ("ray.io/cluster", [("ray.io", "RayCluster")]),
        ("ray.io/originated-from-cr-name", [("ray.io", "RayJob"), ("ray.io", "RayService")]),
        ("workflows.argoproj.io/workflow", [("argoproj.io", "Workflow")]),
        ("kaito.sh/workspace", [("kaito.sh", "Workspace")]),
        ("ray.io/cronjob-name", [("ray.io", "RayCronJob")]),
        ("rbg.workloads.x-k8s.io/group-name", [("workloads.x-k8s.io", "RoleBasedGroup")]),
        ("rolebasedgroup.workloads.x-k8s.io/name", [("workloads.x-k8s.io", "RoleBasedGroup")]),
        ("storm-service-name", [("orchestration.aibrix.ai", "StormService")]),
        ("modelserving.volcano.sh/name", [("workload.serving.volcano.sh", "ModelServing")]),
        ("disaggregatedset.x-k8s.io/name", [("disaggregatedset.x-k8s.io", "DisaggregatedSet")]),
        ("nvidia.com/dynamo-graph-deployment-name", [("nvidia.com", "DynamoGraphDeployment")]),
        ("katib.kubeflow.org/trial", [("kubeflow.org", "Trial")]),
        ("katib.kubeflow.org/experiment", [("kubeflow.org", "Experiment")]),
    ];

    /// <summary>All of them.</summary>
    internal static IEnumerable<string> Known => [.. Labels.Select(label => label.Label), OwnerNames.TemplateHashLabel, PartOf, Name, ManagedBy];

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
        // k8s-nim-operator api/apps/v1alpha1; grove operator/api/common.
        if (whole == "nim-service" && labels.TryGetValue(Name, out var nim))
            yield return Reference("apps.nvidia.com", "NIMService", nim);
        if (whole is { Length: > 0 } && labels.TryGetValue(ManagedBy, out var by) && by == "grove-operator")
            yield return Reference("grove.io", "PodCliqueSet", whole);
    }

    /// <summary>A workload of which no version is known: it is found by its group.</summary>
    internal static V1OwnerReference Reference(string group, string kind, string name) => new() { ApiVersion = $"{group}/", Kind = kind, Name = name, Controller = true };
}
