using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Workloads;

/// <summary>
/// Reads what makes pods. A kind is known by its API group and name: a version that came later is read as far as it looks like those before it, and what
/// it has elsewhere is not seen, so that nothing is said of it.
/// </summary>
public static class WorkloadReader
{
    private static readonly Dictionary<(string Group, string Kind), Kind> Kinds = new()
    {
        [("", "Pod")] = new(BatchWorkloads.Pod, AreCopies: true),
        [("batch", "Job")] = new(BatchWorkloads.Job),
        [("batch", "CronJob")] = new(BatchWorkloads.CronJob),
        [("apps", "Deployment")] = new(BatchWorkloads.Replicated, AreCopies: true),
        [("apps", "ReplicaSet")] = new(BatchWorkloads.Replicated, AreCopies: true),
        [("apps", "StatefulSet")] = new(BatchWorkloads.Replicated),
        [("jobset.x-k8s.io", "JobSet")] = new(BatchWorkloads.JobSet),
        [("batch.volcano.sh", "Job")] = new(BatchWorkloads.Volcano),
        [("leaderworkerset.x-k8s.io", "LeaderWorkerSet")] = new(BatchWorkloads.LeaderWorkerSet),
        [("trainer.kubeflow.org", "TrainJob")] = new(KubeflowWorkloads.TrainJob),
        [("kubeflow.org", "PyTorchJob")] = new(KubeflowWorkloads.Replicas),
        [("kubeflow.org", "TFJob")] = new(KubeflowWorkloads.Replicas),
        [("kubeflow.org", "XGBoostJob")] = new(KubeflowWorkloads.Replicas),
        [("kubeflow.org", "PaddleJob")] = new(KubeflowWorkloads.Replicas),
        [("kubeflow.org", "JAXJob")] = new(KubeflowWorkloads.Replicas),
        [("kubeflow.org", "MPIJob")] = new(KubeflowWorkloads.Replicas),
        [("ray.io", "RayCluster")] = new(RayWorkloads.Cluster),
        [("ray.io", "RayJob")] = new(RayWorkloads.Job),
        [("ray.io", "RayService")] = new(RayWorkloads.Service),
        [("serving.kserve.io", "InferenceService")] = new(ServingWorkloads.InferenceService, AreCopies: true),
        [("serving.kserve.io", "LLMInferenceService")] = new(ServingWorkloads.LlmInferenceService, AreCopies: true),
        [("kaito.sh", "Workspace")] = new(KaitoWorkloads.Workspace),
        [("kaito.sh", "InferenceSet")] = new(KaitoWorkloads.InferenceSet, AreCopies: true),
        [("argoproj.io", "Workflow")] = new(ArgoWorkflows.Workflow, AreCopies: true),
        [("argoproj.io", "CronWorkflow")] = new(ArgoWorkflows.CronWorkflow, AreCopies: true),
        [("argoproj.io", "Rollout")] = new(BatchWorkloads.Replicated, AreCopies: true),
        [("", "ReplicationController")] = new(BatchWorkloads.Replicated, AreCopies: true),
        [("apps", "DaemonSet")] = new(BatchWorkloads.Single, AreCopies: true),
        [("apps.kruise.io", "CloneSet")] = new(BatchWorkloads.Replicated, AreCopies: true),
        [("kubeflow.org", "Notebook")] = new(BatchWorkloads.Single, AreCopies: true),
        [("kubeflow.org", "Experiment")] = new(NestedWorkloads.Experiment),
        [("workload.codeflare.dev", "AppWrapper")] = new(NestedWorkloads.AppWrapper),
        [("sagemaker.amazonaws.com", "HyperPodPyTorchJob")] = new(KubeflowWorkloads.HyperPodReplicas),
        [("batch.volcano.sh", "CronJob")] = new(BatchWorkloads.VolcanoCronJob),
        [("training.volcano.sh", "HyperJob")] = new(BatchWorkloads.HyperJob),
        [("ray.io", "RayCronJob")] = new(RayWorkloads.CronJob),
        [("orchestration.aibrix.ai", "RayClusterFleet")] = new(RayWorkloads.Fleet),
        [("orchestration.aibrix.ai", "StormService")] = new(ServingRoles.StormService, AreCopies: true),
        [("orchestration.aibrix.ai", "RoleSet")] = new(ServingRoles.RoleSet, AreCopies: true),
        [("workloads.x-k8s.io", "RoleBasedGroup")] = new(ServingRoles.RoleBasedGroup, AreCopies: true),
        [("workload.serving.volcano.sh", "ModelServing")] = new(ServingRoles.ModelServing, AreCopies: true),
        [("disaggregatedset.x-k8s.io", "DisaggregatedSet")] = new(ServingRoles.DisaggregatedSet, AreCopies: true),
        [("grove.io", "PodCliqueSet")] = new(ServingRoles.PodCliqueSet, AreCopies: true),
        [("nvidia.com", "DynamoGraphDeployment")] = new(ServingRoles.DynamoGraphDeployment, AreCopies: true),
        [("apps.nvidia.com", "NIMService")] = new(ServingRoles.NimService, AreCopies: true),
        [("apps.nvidia.com", "NIMPipeline")] = new(ServingRoles.NimPipeline, AreCopies: true),
        [("production-stack.vllm.ai", "VLLMRuntime")] = new(ServedModels.VllmRuntime, AreCopies: true),
        [("kubeai.org", "Model")] = new(ServedModels.KubeAiModel, AreCopies: true),
        [("inference.llmaz.io", "Service")] = new(LlmazWorkloads.Service),
        [("inference.llmaz.io", "Playground")] = new(LlmazWorkloads.Service, AreCopies: true),
        [("sparkoperator.k8s.io", "SparkApplication")] = new(SparkWorkloads.Application),
        [("sparkoperator.k8s.io", "ScheduledSparkApplication")] = new(SparkWorkloads.Scheduled),
        [("ome.io", "InferenceService")] = new(ServingRoles.OmeInferenceService, AreCopies: true),
    };

    /// <summary>Null for a kind that makes no pods, or none that is known here.</summary>
    public static Workload? Read(JsonElement manifest) => Read(manifest, runtime: null);

    private static Workload? Read(JsonElement manifest, JsonElement? runtime)
    {
        JsonElement? whole = manifest;
        if (whole.Text("kind") is not { } kind || Known(whole.Text("apiVersion"), kind) is not { } known)
            return null;
        return Of(manifest, runtime is null ? known.Pods(manifest) : TrainingRuntimes.Pods(manifest, runtime), known.AreCopies);
    }

    /// <param name="manifest">As it is written.</param>
    /// <param name="pods">What was read from it.</param>
    /// <param name="areCopies">Each of them works by itself.</param>
    internal static Workload Of(JsonElement? manifest, IEnumerable<WorkloadPods> pods, bool areCopies)
    {
        var metadata = manifest.Member("metadata") is { } written ? Metadata(written) : new V1ObjectMeta();
        // A name that the server is yet to make.
        metadata.Name ??= manifest.Member("metadata").Text("generateName");
        var identity = new V1OwnerReference { ApiVersion = manifest.Text("apiVersion"), Kind = manifest.Text("kind"), Name = metadata.Name ?? "", Controller = true };
        if (KueueQueue.Admits(metadata))
            pods = pods.Select(group => group.ToleratingMore());
        return new Workload(identity, metadata, [.. pods]) { Manifest = manifest!.Value, AreCopies = areCopies };
    }

    /// <summary>The same of a manifest that is a tree.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="runtime">Of a TrainJob the runtime that it names; null where it is not known.</param>
    public static Workload? Read(JsonObject manifest, JsonObject? runtime = null) =>
        Read(JsonSerializer.SerializeToElement(manifest, ManifestJson.Node), runtime is null ? null : JsonSerializer.SerializeToElement(runtime, ManifestJson.Node));

    /// <summary><c>batch</c> of <c>batch/v1</c>; empty for the core group.</summary>
    public static string Group(string? apiVersion) => apiVersion is not null && apiVersion.IndexOf('/') is > 0 and var slash ? apiVersion[..slash] : "";

    /// <summary>A file may leave out the version, as no API server does: its kind is then that of the first group that has it.</summary>
    private static Kind? Known(string? apiVersion, string kind) => Kinds.TryGetValue((Group(apiVersion), kind), out var known)
        ? known
        : apiVersion is null ? Kinds.FirstOrDefault(one => one.Key.Kind == kind).Value : null;

    internal static V1ObjectMeta Metadata(JsonElement metadata)
    {
        try
        {
            return metadata.Deserialize(PodContract.Metadata) ?? new V1ObjectMeta();
        }
        catch (JsonException)
        {
            return new V1ObjectMeta();
        }
    }

    private sealed record Kind(Func<JsonElement?, IEnumerable<WorkloadPods>> Pods, bool AreCopies = false);
}
