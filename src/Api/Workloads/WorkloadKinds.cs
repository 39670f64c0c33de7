namespace GpuMem.Api.Workloads;

/// <summary>Where in the API the kinds are found that <see cref="WorkloadReader"/> reads, each in the version that is served most widely.</summary>
public static class WorkloadKinds
{
    /// <summary>Of kinds that have one name in two groups, the first is what people mean.</summary>
    public static IReadOnlyList<EntityMetadata> All { get; } =
    [
        new("", "v1", "Pod", "pods"),
        new("batch", "v1", "Job", "jobs"), new("batch", "v1", "CronJob", "cronjobs"),
        new("apps", "v1", "Deployment", "deployments"), new("apps", "v1", "ReplicaSet", "replicasets"), new("apps", "v1", "StatefulSet", "statefulsets"),
        new("jobset.x-k8s.io", "v1alpha2", "JobSet", "jobsets"), new("leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet", "leaderworkersets"),
        new("batch.volcano.sh", "v1alpha1", "Job", "jobs"), new("trainer.kubeflow.org", "v1alpha1", "TrainJob", "trainjobs"),
        new("kubeflow.org", "v1", "PyTorchJob", "pytorchjobs"), new("kubeflow.org", "v1", "TFJob", "tfjobs"), new("kubeflow.org", "v1", "XGBoostJob", "xgboostjobs"),
        new("kubeflow.org", "v1", "PaddleJob", "paddlejobs"), new("kubeflow.org", "v1", "JAXJob", "jaxjobs"), new("kubeflow.org", "v2beta1", "MPIJob", "mpijobs"),
        new("ray.io", "v1", "RayCluster", "rayclusters"), new("ray.io", "v1", "RayJob", "rayjobs"), new("ray.io", "v1", "RayService", "rayservices"),
        new("serving.kserve.io", "v1beta1", "InferenceService", "inferenceservices"), new("serving.kserve.io", "v1alpha1", "LLMInferenceService", "llminferenceservices"),
        new("kaito.sh", "v1beta1", "Workspace", "workspaces"),
        new("argoproj.io", "v1alpha1", "Workflow", "workflows"), new("argoproj.io", "v1alpha1", "CronWorkflow", "cronworkflows"),
    ];

    /// <summary>The kind that a reference names, in the version that it names; null where it is none of these.</summary>
    public static EntityMetadata? Find(string? apiVersion, string? kind) =>
        apiVersion is not null && All.FirstOrDefault(one => one.Kind == kind && one.Group == WorkloadReader.Group(apiVersion)) is { } known
            ? known with { Version = apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..] }
            : null;
}
