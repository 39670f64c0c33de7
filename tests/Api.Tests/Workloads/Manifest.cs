using System.Text.Json.Nodes;
using GpuMem.Api.Workloads;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What makes pods, as people write it: each kind with its pods of so many GPUs, and a way to say something of their templates.</summary>
internal static class Manifest
{
    /// <summary>A container with GPUs, in YAML's flow style.</summary>
    public static string Container(int gpus) => gpus == 0 ? "{name: main, image: x}" : "{name: main, image: x, resources: {limits: {nvidia.com/gpu: " + gpus + "}}}";

    public static string Template(int gpus, string labels = "") => "{metadata: {labels: {" + labels + "}}, spec: {containers: [" + Container(gpus) + "]}}";

    public static JsonObject Json(string yaml) => KubernetesYaml.LoadAllFromString(yaml)[0].AsObject();

    public static Workload Read(string yaml) => WorkloadReader.Read(Json(yaml)) ?? throw new InvalidOperationException("no workload is read");

    /// <summary>Two nodes of four GPUs, in the words of every kind that trains.</summary>
    public static IEnumerable<(string Kind, string Yaml)> TwoPodsOfFour(string labels = "")
    {
        var template = Template(4, labels);
        var launcher = Template(0);
        yield return ("Job", Of("batch/v1", "Job", "{parallelism: 2, completions: 2, completionMode: Indexed, template: " + template + "}"));
        yield return ("CronJob", Of("batch/v1", "CronJob", "{schedule: '@daily', jobTemplate: {spec: {parallelism: 2, template: " + template + "}}}"));
        yield return ("StatefulSet", Of("apps/v1", "StatefulSet", "{replicas: 2, template: " + template + "}"));
        yield return ("JobSet", Of("jobset.x-k8s.io/v1alpha2", "JobSet", "{replicatedJobs: [{name: driver, template: {spec: {template: " + launcher + "}}}, {name: workers, replicas: 2, template: {spec: {template: " + template + "}}}]}"));
        yield return ("JobSet of the first releases", Of("jobset.x-k8s.io/v1alpha1", "JobSet", "{jobs: [{name: workers, replicas: 2, template: {spec: {template: " + template + "}}}]}"));
        yield return ("Volcano", Of("batch.volcano.sh/v1alpha1", "Job", "{tasks: [{name: master, replicas: 1, template: " + template + "}, {name: worker, replicas: 1, template: " + template + "}]}"));
        yield return ("LeaderWorkerSet", Of("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{replicas: 3, leaderWorkerTemplate: {size: 2, workerTemplate: " + template + "}}"));
        yield return ("PyTorchJob", Of("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Master: {replicas: 1, template: " + template + "}, Worker: {replicas: 1, template: " + template + "}}}"));
        yield return ("MPIJob", Of("kubeflow.org/v2beta1", "MPIJob", "{slotsPerWorker: 4, mpiReplicaSpecs: {Launcher: {replicas: 1, template: " + launcher + "}, Worker: {replicas: 2, template: " + template + "}}}"));
        yield return ("RayCluster", Of("ray.io/v1", "RayCluster", RayCluster(launcher, template)));
        yield return ("RayJob", Of("ray.io/v1", "RayJob", "{rayClusterSpec: " + RayCluster(launcher, template) + "}"));
        yield return ("RayCronJob", Of("ray.io/v1", "RayCronJob", "{schedule: '@daily', jobTemplate: {rayClusterSpec: " + RayCluster(launcher, template) + "}}"));
        yield return ("VolcanoCronJob", Of("batch.volcano.sh/v1alpha1", "CronJob", "{schedule: '@daily', jobTemplate: {spec: {tasks: [{name: worker, replicas: 2, template: " + template + "}]}}}"));
        yield return ("HyperJob", Of("training.volcano.sh/v1alpha1", "HyperJob", "{replicatedJobs: [{name: trainer, replicas: 2, templateSpec: {tasks: [{name: worker, replicas: 1, template: " + template + "}]}}]}"));
        yield return ("HyperPodPyTorchJob", Of("sagemaker.amazonaws.com/v1", "HyperPodPyTorchJob", "{nprocPerNode: '4', replicaSpecs: [{name: pods, replicas: 2, template: " + template + "}]}"));
        yield return ("Workspace", Of("kaito.sh/v1beta1", "Workspace", "{}", "resource: {count: 2}\ninference: {template: " + template + "}"));
    }

    /// <summary>What no training is started by.</summary>
    public static IEnumerable<string> RayService(string labels) => [Of("ray.io/v1", "RayService", "{rayClusterConfig: " + RayCluster(Template(0), Template(4, labels)) + "}")];

    public static string PodSpec(int gpus) => "{containers: [" + Container(gpus) + "]}";

    public static string Of(string apiVersion, string kind, string spec, string more = "") => $"apiVersion: {apiVersion}\nkind: {kind}\nmetadata: {{name: ft}}\nspec: {spec}\n{more}";

    private static string RayCluster(string head, string worker) => "{headGroupSpec: {template: " + head + "}, workerGroupSpecs: [{groupName: gpus, replicas: 2, template: " + worker + "}]}";
}
