using System.Text.Json.Nodes;
using GpuMem.Kubernetes;
using GpuMem.TestKit;

namespace GpuMem.Bench.Common;

/// <summary>Objects of the size that they have in clusters: 13 KB a node, 4 KB a pod with the shortest note, managedFields included.</summary>
internal static class Bodies
{
    public const string JobPrefix = "scale-job-";

    private const int ShortNote = 600;

    private static readonly string[] Conditions = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];

    /// <summary>The H100 node of the samples with what a kubelet adds: fifty images and five conditions. Eight node pools.</summary>
    public static Body[] Nodes()
    {
        var path = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml");
        return [.. Enumerable.Range(0, 8).Select(pool => new Body(Node(KubernetesYaml.LoadAllFromString(File.ReadAllText(path))[0].AsObject(), pool)))];
    }

    /// <summary>One that asks for a GPU of its node.</summary>
    /// <param name="node">The number of the node.</param>
    /// <param name="note">Characters of an annotation: what others write to pods makes the difference in their size.</param>
    public static Body GpuPod(int node, int note = ShortNote) => new(Pod("""{"nvidia.com/gpu":"1","cpu":"8","memory":"64Gi"}""", OnNode(node), note));

    /// <summary>One that asks for none, on no node yet.</summary>
    public static Body CpuPod { get; } = new(Pod(Cpu, "", ShortNote));

    public static Body CpuPodOn(int node, int note) => new(Pod(Cpu, OnNode(node), note));

    /// <summary>A full fine-tune that gets several GPUs, adapters that get one, and a model that fits anything.</summary>
    public static Body[] Jobs { get; } =
    [
        Job("""{"name":"meta-llama/Llama-3.1-8B"}""", """{"sequenceLength":8192,"recompute":"Full"}"""),
        Job("""{"name":"meta-llama/Llama-3.1-8B"}""", """{"method":"LoRA","sequenceLength":2048,"recompute":"Full"}"""),
        Job("""{"architecture":{"hiddenSize":256,"layers":4,"attentionHeads":4,"feedForwardSize":1024,"vocabularySize":1000}}""", """{"sequenceLength":128}"""),
    ];

    private const string Cpu = """{"cpu":"1","memory":"2Gi"}""";

    private const string Template = """
        {"metadata":{"labels":{"team":"nlp"}},"spec":{"containers":[
          {"name":"trainer","image":"trainer:1","command":["torchrun","train.py"],"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}
        """;

    private static Body Job(string model, string training) => new($$$"""
        {"apiVersion":"gpumem.io/v1alpha1","kind":"TrainingJob","metadata":{"name":"{{{JobPrefix}}}@@"},
         "spec":{"model":{{{model}}},"training":{{{training}}},"policy":{"rewrite":"Always"},"template":{{{Template}}}}}
        """);

    private static string Node(JsonObject node, int pool)
    {
        var metadata = node["metadata"]!.AsObject();
        metadata["name"] = "scale-node-@@";
        metadata["labels"]!["kubernetes.io/hostname"] = "scale-node-@@";
        metadata["labels"]!["karpenter.sh/nodepool"] = $"h100-{pool}";
        metadata["annotations"] = new JsonObject
        {
            ["node.alpha.kubernetes.io/ttl"] = "0",
            ["csi.volume.kubernetes.io/nodeid"] = """{"ebs.csi.aws.com":"i-0123456789abcdef0","fsx.csi.aws.com":"ip-10-0-0-1.ec2"}""",
            ["nfd.node.kubernetes.io/feature-labels"] = string.Join(',', Enumerable.Range(0, 40).Select(i => $"cpu-cpuid.FEATURE{i}")),
        };
        node["spec"]!["providerID"] = "aws:///us-east-1a/i-@@";
        var status = node["status"]!.AsObject();
        status["conditions"] = Array(Conditions, type => $$"""
            {"type":"{{type}}","status":"{{(type == "Ready" ? "True" : "False")}}","reason":"Kubelet{{type}}","message":"kubelet says so of {{type}}",
             "lastHeartbeatTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}
            """);
        status["images"] = Array(Enumerable.Range(0, 40), i => $$"""
            {"names":["registry.example.com/training/image-{{i}}@sha256:{{new string('a', 64)}}","registry.example.com/training/image-{{i}}:v1.{{i}}"],"sizeBytes":{{1_000_000 * (i + 1)}}}
            """);
        return node.ToJsonString();
    }

    private static string OnNode(int node) => $"\"nodeName\":\"scale-node-{node}\",";

    private static string Pod(string resources, string node, int note) => $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"scale-pod-@@","labels":{"app":"scale","pod-template-hash":"7d4b9c6f5d"},
          "annotations":{"checksum/config":"{{{new string('c', 64)}}}","example.com/network-status":"{{{new string('n', note)}}}"}},
         "spec":{{{{node}}}"restartPolicy":"Always","containers":[{"name":"main","image":"registry.example.com/app:v1","args":["--serve","--port=8080"],
          "env":[{{{string.Join(',', Enumerable.Range(0, 12).Select(i => $$"""{"name":"SETTING_{{i}}","value":"{{new string('v', 24)}}"}"""))}}}],
          "resources":{"limits":{{{resources}}},"requests":{{{resources}}}},
          "volumeMounts":[{"name":"data","mountPath":"/data"}]}],
          "volumes":[{"name":"data","emptyDir":{}}],
          "tolerations":[{"key":"nvidia.com/gpu","operator":"Exists"}]}}
        """;

    private static JsonArray Array<T>(IEnumerable<T> of, Func<T, string> json) => new([.. of.Select(item => JsonNode.Parse(json(item)))]);
}
