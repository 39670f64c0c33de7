using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Live;

/// <summary>What can be asked about in a cluster, by the names that kubectl takes: <c>pod</c>, <c>pods</c>, <c>po</c>.</summary>
internal static class LiveKinds
{
    public static readonly EntityMetadata TrainingJob = EntityMetadata.Of<Api.TrainingJobs.TrainingJob>();

    public static readonly EntityMetadata ModelServer = EntityMetadata.Of<Api.ModelServers.ModelServer>();

    private static readonly (EntityMetadata Type, string[] Short)[] All =
    [
        (TrainingJob, ["gtj"]), (ModelServer, ["gms"]),
        (new("", "v1", "Pod", "pods"), ["po"]),
        (new("batch", "v1", "Job", "jobs"), []), (new("batch", "v1", "CronJob", "cronjobs"), ["cj"]),
        (new("apps", "v1", "Deployment", "deployments"), ["deploy"]), (new("apps", "v1", "ReplicaSet", "replicasets"), ["rs"]), (new("apps", "v1", "StatefulSet", "statefulsets"), ["sts"]),
        (new("jobset.x-k8s.io", "v1alpha2", "JobSet", "jobsets"), []), (new("leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet", "leaderworkersets"), ["lws"]),
        (new("batch.volcano.sh", "v1alpha1", "Job", "jobs"), ["vcjob", "vj"]), (new("trainer.kubeflow.org", "v1alpha1", "TrainJob", "trainjobs"), []),
        (new("kubeflow.org", "v1", "PyTorchJob", "pytorchjobs"), []), (new("kubeflow.org", "v1", "TFJob", "tfjobs"), []), (new("kubeflow.org", "v1", "XGBoostJob", "xgboostjobs"), []),
        (new("kubeflow.org", "v1", "PaddleJob", "paddlejobs"), []), (new("kubeflow.org", "v1", "JAXJob", "jaxjobs"), []), (new("kubeflow.org", "v2beta1", "MPIJob", "mpijobs"), []),
        (new("ray.io", "v1", "RayCluster", "rayclusters"), []), (new("ray.io", "v1", "RayJob", "rayjobs"), []), (new("ray.io", "v1", "RayService", "rayservices"), []),
        (new("serving.kserve.io", "v1beta1", "InferenceService", "inferenceservices"), ["isvc"]), (new("serving.kserve.io", "v1alpha1", "LLMInferenceService", "llminferenceservices"), ["llmisvc"]),
        (new("kaito.sh", "v1beta1", "Workspace", "workspaces"), []),
        (new("argoproj.io", "v1alpha1", "Workflow", "workflows"), ["wf"]), (new("argoproj.io", "v1alpha1", "CronWorkflow", "cronworkflows"), ["cwf"]),
    ];

    /// <summary>What <c>TYPE/NAME</c> names.</summary>
    /// <exception cref="UserErrorException">It has another form, or nothing is known of the type.</exception>
    public static (EntityMetadata Type, string Name) Read(string text)
    {
        if (text.Split('/') is not [var type, { Length: > 0 } name])
            throw new UserErrorException($"{text}: say TYPE/NAME, such as trainingjob/llama-8b, pod/trainer-0 or job/train");
        return All.FirstOrDefault(one => Is(one.Type, type) || one.Short.Contains(type, StringComparer.OrdinalIgnoreCase)).Type is { } known
            ? (known, name)
            : throw new UserErrorException($"{text}: {type} is nothing that makes pods with GPUs; known are {string.Join(", ", All.Select(one => one.Type.Kind.ToLowerInvariant()).Distinct())}");
    }

    /// <summary>The kind that an owner reference names; null where it is none of these.</summary>
    public static EntityMetadata? Of(V1OwnerReference owner) => All.FirstOrDefault(one => one.Type.Kind == owner.Kind && owner.ApiVersion is { } version
        && (version == one.Type.Version || version.StartsWith($"{one.Type.Group}/", StringComparison.Ordinal))).Type is { } known
            ? known with { Version = owner.ApiVersion[(owner.ApiVersion.IndexOf('/') + 1)..] }
            : null;

    private static bool Is(EntityMetadata type, string text) => text.Equals(type.Kind, StringComparison.OrdinalIgnoreCase) || text.Equals(type.Plural, StringComparison.OrdinalIgnoreCase);
}
