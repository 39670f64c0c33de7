using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>Reviews that nothing is wrong with, and that reach as much of the webhook as possible: what hostile ones are made from.</summary>
internal static class HonestReviews
{
    public const string Uid = "705ab4f5-6393-11e8-b7cc-42010a800002";

    private const string Template = """
        {"metadata": {"labels": {"app": "x", "gpumem.io/training-job": "sft"}, "annotations": {"example.com/note": "n"}},
         "spec": {"nodeSelector": {"example.com/zone": "a"}, "priority": 0, "schedulerName": "default-scheduler", "resources": {"limits": {"cpu": "4"}},
          "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "nvidia.com/gpu.memory", "operator": "Gt", "values": ["40000"]}]}]}}},
          "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
          "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}}, {"name": "data", "emptyDir": {}}],
          "initContainers": [{"name": "init", "image": "i", "restartPolicy": "Always", "resources": {"limits": {"nvidia.com/gpu": "1"}}}],
          "containers": [{"name": "trainer", "image": "vllm/vllm-openai:v0.10.0", "command": ["torchrun", "--nproc-per-node", "2", "train.py"],
            "args": ["--model", "meta-llama/Llama-3.1-70B", "--tensor-parallel-size", "2"], "env": [{"name": "WORLD_SIZE", "value": "4"}],
            "resources": {"limits": {"nvidia.com/gpu": "2", "memory": "64Gi"}, "requests": {"nvidia.com/gpu": 2}},
            "volumeMounts": [{"name": "shm", "mountPath": "/dev/shm"}]}]}}
        """;

    private const string Job = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024, "recompute": "Full", "precision": "BF16", "microBatchSize": 1},
         "parallelism": {"data": "Auto", "tensor": 1, "pipeline": 1, "sharding": "FullShard"}, "placement": {"pools": ["h100"]},
         "policy": {"mode": "Enforce", "rewrite": "Always"}, "template": {"spec": {"containers": [{"name": "trainer", "image": "i"}]}}}
        """;

    private const string Server = """
        {"model": {"name": "meta-llama/Llama-3.1-70B"}, "contextLength": 32768, "engine": "VLLM", "tensor": 4, "memoryFraction": "0.9",
         "template": {"spec": {"containers": [{"name": "vllm", "image": "i"}]}}}
        """;

    /// <summary>Where each is sent, what it is, and its object.</summary>
    public static IReadOnlyList<(string Path, string Name, string Object)> Objects { get; } =
    [
        ("/validate-pod", "pod", Pod()),
        ("/mutate-pod", "pod", Pod()),
        ("/validate-pod", "owned pod", Pod(labels: "{}", owners: """[{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "vllm-7d9f8c6b5", "uid": "u", "controller": true}]""")),
        ("/mutate-pod", "owned pod", Pod(owners: """[{"apiVersion": "batch/v1", "kind": "Job", "name": "train", "uid": "u", "controller": true}]""")),
        ("/mutate-pod", "server pod", Pod(labels: """{"gpumem.io/model-server": "llama"}""")),
        ("/validate-pod", "described pod", Pod(labels: "{}", annotations: $$"""{"gpumem.io/spec": {{JsonValue.Create(Job).ToJsonString()}}}""")),
        ("/validate-workload", "Deployment", Workload("apps/v1", "Deployment", "vllm")),
        ("/validate-workload", "StatefulSet", Workload("apps/v1", "StatefulSet", "sft")),
        ("/validate-workload", "Job", Workload("batch/v1", "Job", "train")),
        ("/validate-trainingjob", "TrainingJob", Described("TrainingJob", "sft", Job)),
        ("/validate-modelserver", "ModelServer", Described("ModelServer", "llama", Server)),
    ];

    /// <summary>What the reviews find: jobs and servers that fit, that do not, and that say what they describe.</summary>
    public static IClusterState Cluster() => new FixedCluster(
        Example.Inventory(Example.Node("h100-0"), Example.Node("a10g-0", "NVIDIA-A10G", "23028", 4)),
        [
            Example.Job("sft", Example.Several),
            Example.Job("train", Example.With(Example.TooLarge, "targetRef", """{"apiVersion": "batch/v1", "kind": "Job", "name": "train"}""")),
        ],
        [
            Example.Server("llama", Example.LargeServer),
            Example.Server("vllm", Example.With(Example.LargeServer, "targetRef", """{"apiVersion": "apps/v1", "kind": "Deployment", "name": "vllm"}""")),
        ]);

    public static string Of(string entity, string operation = "CREATE", string? old = null) => $$$"""
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "{{{Uid}}}", "kind": {"group": "", "version": "v1", "kind": "Pod"},
         "resource": {"group": "", "version": "v1", "resource": "pods"}, "name": "x", "namespace": "{{{Example.Namespace}}}", "operation": "{{{operation}}}",
         "userInfo": {"username": "ada", "uid": "1", "groups": ["system:authenticated"], "extra": {"scopes": ["s"]}}, "object": {{{entity}}}, "oldObject": {{{old ?? "null"}}}, "dryRun": false}}
        """;

    public static byte[] Bytes(string review) => Encoding.UTF8.GetBytes(review);

    private static string Pod(string labels = """{"gpumem.io/training-job": "sft"}""", string owners = "[]", string annotations = "{}")
    {
        var pod = JsonNode.Parse(Template)!.AsObject();
        (pod["apiVersion"], pod["kind"]) = ("v1", "Pod");
        pod["metadata"] = new JsonObject
        {
            ["name"] = "x",
            ["namespace"] = Example.Namespace,
            ["labels"] = JsonNode.Parse(labels),
            ["annotations"] = JsonNode.Parse(annotations),
            ["ownerReferences"] = JsonNode.Parse(owners),
        };
        return pod.ToJsonString();
    }

    private static string Workload(string version, string kind, string name) => $$"""
        {"apiVersion": "{{version}}", "kind": "{{kind}}", "metadata": {"name": "{{name}}", "namespace": "{{Example.Namespace}}"},
         "spec": {"replicas": 2, "parallelism": 2, "selector": {"matchLabels": {"app": "x"} }, "template": {{Template}}} }
        """;

    private static string Described(string kind, string name, string spec) => $$"""
        {"apiVersion": "gpumem.io/v1alpha1", "kind": "{{kind}}", "metadata": {"name": "{{name}}", "namespace": "{{Example.Namespace}}"}, "spec": {{spec}}}
        """;
}
