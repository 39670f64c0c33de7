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
        new("kaito.sh", "v1beta1", "Workspace", "workspaces"), new("kaito.sh", "v1beta1", "InferenceSet", "inferencesets"),
        new("argoproj.io", "v1alpha1", "Workflow", "workflows"), new("argoproj.io", "v1alpha1", "CronWorkflow", "cronworkflows"), new("argoproj.io", "v1alpha1", "Rollout", "rollouts"),
        new("", "v1", "ReplicationController", "replicationcontrollers"), new("apps", "v1", "DaemonSet", "daemonsets"), new("apps.kruise.io", "v1alpha1", "CloneSet", "clonesets"),
        new("kubeflow.org", "v1", "Notebook", "notebooks"), new("kubeflow.org", "v1beta1", "Experiment", "experiments"), new("workload.codeflare.dev", "v1beta2", "AppWrapper", "appwrappers"),
        new("sagemaker.amazonaws.com", "v1", "HyperPodPyTorchJob", "hyperpodpytorchjobs"), new("batch.volcano.sh", "v1alpha1", "CronJob", "cronjobs"), new("training.volcano.sh", "v1alpha1", "HyperJob", "hyperjobs"),
        new("ray.io", "v1", "RayCronJob", "raycronjobs"), new("orchestration.aibrix.ai", "v1alpha1", "RayClusterFleet", "rayclusterfleets"),
        new("orchestration.aibrix.ai", "v1alpha1", "StormService", "stormservices"), new("orchestration.aibrix.ai", "v1alpha1", "RoleSet", "rolesets"),
        new("workloads.x-k8s.io", "v1alpha2", "RoleBasedGroup", "rolebasedgroups"), new("workload.serving.volcano.sh", "v1alpha1", "ModelServing", "modelservings"),
        new("disaggregatedset.x-k8s.io", "v1", "DisaggregatedSet", "disaggregatedsets"), new("grove.io", "v1alpha1", "PodCliqueSet", "podcliquesets"),
        new("nvidia.com", "v1alpha1", "DynamoGraphDeployment", "dynamographdeployments"), new("apps.nvidia.com", "v1alpha1", "NIMService", "nimservices"), new("apps.nvidia.com", "v1alpha1", "NIMPipeline", "nimpipelines"), new("ome.io", "v1beta1", "InferenceService", "inferenceservices"),
        new("production-stack.vllm.ai", "v1alpha1", "VLLMRuntime", "vllmruntimes"), new("kubeai.org", "v1", "Model", "models"),
        new("inference.llmaz.io", "v1alpha1", "Service", "services"), new("inference.llmaz.io", "v1alpha1", "Playground", "playgrounds"),
        new("sparkoperator.k8s.io", "v1beta2", "SparkApplication", "sparkapplications"), new("sparkoperator.k8s.io", "v1beta2", "ScheduledSparkApplication", "scheduledsparkapplications"),
    ];

    /// <summary>The kind that a reference names, in the version that it names; null where it is none of these.</summary>
    public static EntityMetadata? Find(string? apiVersion, string? kind) =>
        apiVersion is not null && All.FirstOrDefault(one => one.Kind == kind && one.Group == WorkloadReader.Group(apiVersion)) is { } known
            ? known with { Version = apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..] }
            : null;
}
