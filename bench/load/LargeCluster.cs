using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Bench.Common;
using GpuMem.Kubernetes;
using GpuMem.TestKit;

namespace GpuMem.Bench.Load;

/// <summary>A real API server whose nodes, pools and TrainingJobs grow as asked.</summary>
internal sealed class LargeCluster : IDisposable
{
    public const string FittingJob = "fits";

    public const string TooLargeJob = "too-large-";

    private static readonly string[] Samples = ["h100.yaml", "a100-80.yaml", "a10g.yaml"];

    private readonly ControlPlane _controlPlane = new();

    private readonly JsonObject[] _nodes = [.. Samples.Select(file =>
        KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", file)))[0].AsObject())];

    private RawApi _api = null!;

    private ClusterSize _size;

    private LargeCluster()
    {
    }

    public string Kubeconfig => _controlPlane.Kubeconfig;

    public Version ServerVersion => _controlPlane.ServerVersion;

    public static async Task<LargeCluster> StartAsync(int tooLargeJobs)
    {
        var cluster = new LargeCluster();
        Console.Error.WriteLine("starting a control plane");
        await cluster._controlPlane.InitializeAsync();
        // An API server that is older than CEL rules drops them; kubectl alone would refuse them.
        await cluster.MustAsync("create", "--validate=false", "-f", Path.Combine(RepositoryRoot.Path, "config", "crd"));
        await cluster.MustAsync("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
        cluster._api = await RawApi.ConnectAsync(cluster.Kubeconfig);
        const string jobs = "/apis/gpumem.io/v1alpha1/namespaces/default/trainingjobs";
        await cluster._api.CreateAsync(jobs, Encoding.UTF8.GetBytes(Job(FittingJob, Example.Small)));
        // Each has a size of its own, so that nothing learned of one answers for another.
        await Crowd.CreateAsync(cluster._api, "TrainingJobs", jobs, tooLargeJobs, number => Encoding.UTF8.GetBytes(Job($"{TooLargeJob}{number}",
            $$$"""{"model":{"name":"meta-llama/Llama-3.1-8B"},"training":{"sequenceLength":{{{1024 + 8 * number}}}},"parallelism":{"data":1}}""")));
        return cluster;
    }

    /// <summary>Only ever larger: the new nodes make up the new pools, so pools are of different sizes, as they are in clusters.</summary>
    public async Task GrowAsync(ClusterSize size)
    {
        var (first, newPools) = (_size, size.Pools - _size.Pools);
        var pools = Enumerable.Range(0, size.Pools).Select(pool => new Body(Node(pool))).ToArray();
        if (size.Nodes > first.Nodes)
        {
            await Crowd.CreateAsync(_api, "nodes", "/api/v1/nodes", size.Nodes - first.Nodes, number =>
                pools[newPools > 0 ? first.Pools + number % newPools : number % size.Pools].Of(first.Nodes + number));
        }
        _size = size;
    }

    /// <summary>The authority that the webhook has made for itself.</summary>
    public async Task<string> WebhookCaAsync()
    {
        var secret = JsonNode.Parse(await _api.GetAsync($"/api/v1/namespaces/default/secrets/gpumem-webhook-certs"))!;
        return Encoding.ASCII.GetString(Convert.FromBase64String((string)secret["data"]!["ca.crt"]!));
    }

    /// <summary>Of the calls that the API server makes at a fixed rate, the percentage that it counts as answered within 5 ms; and how many there were.</summary>
    public async Task<(double PercentWithin, long Calls)> CallsWithinAsync(Uri webhook, int rate, TimeSpan duration) =>
        await new ApiServerCalls(_api, webhook, await WebhookCaAsync()).MeasureAsync(rate, duration);

    public void Dispose() => _api.Dispose();

    private static string Job(string name, string spec) =>
        $$"""{"apiVersion":"gpumem.io/v1alpha1","kind":"TrainingJob","metadata":{"name":"{{name}}"},"spec":{{spec}}}""";

    /// <summary>A node of a pool, of one of three GPUs, with all the labels that Karpenter and GPU Feature Discovery write.</summary>
    private string Node(int pool)
    {
        var node = _nodes[pool % _nodes.Length].DeepClone().AsObject();
        var metadata = node["metadata"]!.AsObject();
        metadata["name"] = "load-node-@@";
        var labels = metadata["labels"]!.AsObject();
        labels["kubernetes.io/hostname"] = "load-node-@@";
        labels["karpenter.sh/nodepool"] = $"pool-{pool}";
        node["spec"]!["providerID"] = "aws:///us-east-1a/i-@@";
        return node.ToJsonString();
    }

    private async Task MustAsync(params string[] kubectl)
    {
        var (exitCode, output, error) = await _controlPlane.KubectlAsync(kubectl);
        if (exitCode != 0)
            throw new InvalidOperationException($"kubectl {string.Join(' ', kubectl)} failed:\n{output}{error}");
    }
}
