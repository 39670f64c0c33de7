using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.Planning;
using k8s.Models;

namespace GpuMem.TestKit;

/// <summary>
/// Jobs and nodes whose verdict is beyond doubt, whatever the estimator's last decimal: a tiny model fits an 80 GB GPU a hundred times over,
/// and the states of eight billion parameters (16 bytes each) fit none.
/// </summary>
public static class Example
{
    public const string Namespace = "team-a";

    /// <summary>Fits every GPU.</summary>
    public const string Small = """
        {"model": {"architecture": {"hiddenSize": 256, "layers": 4, "attentionHeads": 4, "feedForwardSize": 1024, "vocabularySize": 1000}},
         "training": {"sequenceLength": 128}}
        """;

    /// <summary>Needs well over 100 GiB on its one GPU; sharded over two or more it fits 80 GB.</summary>
    public const string TooLarge = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024}, "parallelism": {"data": 1}}
        """;

    /// <summary>With the data parallel size left open it takes several GPUs of 80 GB.</summary>
    public const string Several = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024, "recompute": "Full"}}
        """;

    /// <summary>A server whose weights alone are more than any GPU of 80 GB has; divided over four it holds its context.</summary>
    public const string LargeServer = """{"model": {"name": "meta-llama/Llama-3.1-70B"}, "contextLength": 32768}""";

    /// <summary>A server that any GPU holds.</summary>
    public const string SmallServer = """
        {"model": {"architecture": {"hiddenSize": 256, "layers": 4, "attentionHeads": 4, "feedForwardSize": 1024, "vocabularySize": 1000}}, "contextLength": 1024}
        """;

    public static ModelServer Server(string name, string spec, string? ns = Namespace)
    {
        var json = $$"""{"apiVersion": "gpumem.io/v1alpha1", "kind": "ModelServer", "metadata": {"name": "{{name}}"}, "spec": {{spec}}}""";
        var server = ApiJson.Default.Deserialize<ModelServer>(Encoding.UTF8.GetBytes(json))!;
        server.Metadata.NamespaceProperty = ns;
        return server;
    }

    public static TrainingJob Job(string name, string spec, string? ns = Namespace)
    {
        var json = $$"""{"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "{{name}}"}, "spec": {{spec}}}""";
        var job = ApiJson.Default.Deserialize<TrainingJob>(Encoding.UTF8.GetBytes(json))!;
        job.Metadata.NamespaceProperty = ns;
        return job;
    }

    /// <summary>A spec with members added at its top, <c>With(Small, "policy", """{"mode": "Off"}""")</c>.</summary>
    public static string With(string spec, string member, string value)
    {
        var json = JsonNode.Parse(spec)!.AsObject();
        json[member] = JsonNode.Parse(value);
        return json.ToJsonString();
    }

    /// <summary>A node as the device plugin and GPU Feature Discovery label it.</summary>
    /// <param name="memory">MiB as the driver reports them; null leaves the label out.</param>
    public static V1Node Node(string name, string product = "NVIDIA-H100-80GB-HBM3", string? memory = "81559", int gpus = 8)
    {
        var labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name, ["nvidia.com/gpu.product"] = product, ["nvidia.com/gpu.count"] = $"{gpus}" };
        if (memory is not null)
            labels["nvidia.com/gpu.memory"] = memory;
        var resources = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new($"{gpus}") };
        return new V1Node
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = labels },
            Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "nvidia.com/gpu", Value = "present", Effect = "NoSchedule" }] },
            Status = new V1NodeStatus { Capacity = resources, Allocatable = resources },
        };
    }

    public static PoolInventory Inventory(params V1Node[] nodes) => InventoryBuilder.Build(nodes, []);

    /// <summary>One pool with exactly this memory; null is unknown.</summary>
    public static PoolInventory Pool(Bytes? usable) => new([new PoolEntry
    {
        Pool = new Pool { Name = "pool", Product = "GPU", UsableMemory = usable, GpusPerNode = 8, Nodes = 1 },
        NodeSelector = new Dictionary<string, string>(),
        Taints = [],
        Nodes = [],
        Source = usable is null ? MemorySource.Unknown : MemorySource.Declared,
    }]);

    /// <summary>A pool that the expected size fits and the upper bound does not.</summary>
    public static PoolInventory PoolAtRisk(string spec)
    {
        var request = TrainingJobReader.Read(Job("x", spec), NoConfigMaps.Instance, gpusOfPod: null, out _)!;
        var estimate = MemoryEstimator.Estimate(request.Job);
        return Pool(new Bytes((estimate.Expected.Value + estimate.UpperBound.Value) / 2));
    }
}
