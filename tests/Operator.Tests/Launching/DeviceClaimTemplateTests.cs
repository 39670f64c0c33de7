using System.Text.Json.Nodes;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Operator.Launching;
using GpuMem.Operator.ModelServers;
using GpuMem.Operator.Reporting;
using GpuMem.Operator.Tests.Support;
using GpuMem.Operator.TrainingJobs;
using GpuMem.TestKit;

namespace GpuMem.Operator.Tests.Launching;

/// <summary>A cluster whose GPUs only a driver for dynamic resource allocation offers.</summary>
public sealed class DeviceClaimTemplateTests
{
    private const string WithoutGpus = """{"spec": {"containers": [{"name": "trainer", "image": "trainer:1"}]}}""";

    /// <summary>Adapters of a model of 8 billion parameters: about 20 GiB on its GPU.</summary>
    private const string OnOneGpu = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024, "method": "LoRA", "recompute": "Full"}, "parallelism": {"data": 1, "sharding": "None"}}
        """;

    [Fact]
    public void What_a_job_needs_is_the_selector_of_its_claim()
    {
        var (claims, pod, decision) = Launched(OnOneGpu, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8));
        var asked = Assert.Single(claims!["spec"]!["spec"]!["devices"]!["requests"]!.AsArray())!["exactly"]!;
        var least = Needed(asked);

        Assert.Equal("gpu.nvidia.com", (string?)asked["deviceClassName"]);
        Assert.Equal(1, (int)asked["count"]!);
        // What the driver keeps of each GPU for itself comes on top.
        Assert.InRange(least, decision.Estimate!.Expected.Value >> 20, (decision.Estimate.Expected.Value >> 20) + 1024);
        Assert.Equal((string?)claims["metadata"]!["name"], (string?)pod["resourceClaims"]![0]!["resourceClaimTemplateName"]);
        Assert.Equal((string?)pod["resourceClaims"]![0]!["name"], (string?)pod["containers"]![0]!["resources"]!["claims"]![0]!["name"]);
        Assert.Null(pod["containers"]![0]!["resources"]!["limits"]);
    }

    [Fact]
    public void Each_kind_of_GPU_that_takes_the_job_is_a_choice_with_an_estimate_of_its_own()
    {
        var (claims, _, decision) = Launched(OnOneGpu, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 4), Devices("m", "NVIDIA A100-SXM4-40GB", 40960, 4), Devices("s", "NVIDIA T4", 15360, 4));
        var choices = claims!["spec"]!["spec"]!["devices"]!["requests"]![0]!["firstAvailable"]!.AsArray();

        Assert.Equal(2, choices.Count);
        Assert.Equal(["NVIDIA A100-SXM4-40GB", "NVIDIA H100 80GB HBM3"], choices.Select(Product).Order(StringComparer.Ordinal));
        Assert.Equal(decision.Placement!.Pool.Product, Product(choices[0]).Replace(' ', '-'));
        Assert.All(choices, choice => Assert.InRange(Needed(choice!), decision.Estimate!.Expected.Value >> 20, 40960));
    }

    [Fact]
    public void A_pod_claims_as_many_as_the_plan_gives_it_and_has_memory_to_share()
    {
        var (claims, pod, decision) = Launched(Example.Several, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8));

        Assert.True(decision.Placement!.GpusPerNode > 1);
        Assert.Equal(decision.Placement.GpusPerNode, (int)claims!["spec"]!["spec"]!["devices"]!["requests"]![0]!["exactly"]!["count"]!);
        Assert.Equal("/dev/shm", (string?)pod["containers"]![0]!["volumeMounts"]![0]!["mountPath"]);
    }

    [Fact]
    public void Another_plan_has_another_template()
    {
        var one = Launched(OnOneGpu, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8)).Claims!;
        var other = Launched(Example.Several, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8)).Claims!;

        Assert.Equal(one.ToJsonString(), Launched(OnOneGpu, WithoutGpus, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8)).Claims!.ToJsonString());
        Assert.NotEqual((string?)one["metadata"]!["name"], (string?)other["metadata"]!["name"]);
    }

    [Theory]
    [InlineData("""{"spec": {"containers": [{"name": "a", "resources": {"claims": [{"name": "mine"}]}}], "resourceClaims": [{"name": "mine", "resourceClaimTemplateName": "mine"}]}}""")]
    [InlineData("""{"spec": {"containers": [{"name": "a", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}""")]
    public void Who_asks_for_devices_himself_is_given_no_claim(string template)
    {
        var (claims, pod, _) = Launched(OnOneGpu, template, Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8));

        Assert.Null(claims);
        Assert.Equal(JsonNode.Parse(template)!["spec"]!["resourceClaims"]?.ToJsonString(), pod["resourceClaims"]?.ToJsonString());
    }

    [Fact]
    public void Where_a_plugin_offers_GPUs_there_is_nothing_to_claim()
    {
        var job = Jobs.Stored(OnOneGpu, WithoutGpus);

        Assert.Null(DeviceClaimTemplate.Of(JobDecision.Of(job, Example.Inventory(Example.Node("n")), NoConfigMaps.Instance)));
    }

    [Fact]
    public void The_pods_of_a_server_claim_theirs_as_those_of_a_job_do()
    {
        var server = Example.Server("llama", Example.With(Example.SmallServer, "template", WithoutGpus));
        server.Metadata.Uid = "1";
        var decision = ServerDecision.Of(server, InventoryBuilder.Build([], [Devices("n", "NVIDIA H100 80GB HBM3", 81559, 8)], []), NoConfigMaps.Instance);

        var claims = DeviceClaimTemplate.Of(decision)!;
        var pod = ServerWorkload.Manifest(server, decision, StatusText.Plan(decision)!)["spec"]!["template"]!["spec"]!;
        var asked = claims["spec"]!["spec"]!["devices"]!["requests"]![0]!["exactly"]!;
        Assert.Equal("llama", (string?)claims["metadata"]!["labels"]!["gpumem.io/model-server"]);
        Assert.Equal(("ModelServer", decision.Placed!.GpusPerNode), ((string?)claims["metadata"]!["ownerReferences"]![0]!["kind"], (int)asked["count"]!));
        Assert.InRange(Needed(asked), 1, 81559);
        Assert.Equal((string?)claims["metadata"]!["name"], (string?)pod["resourceClaims"]![0]!["resourceClaimTemplateName"]);
        Assert.Null(pod["containers"]![0]!["resources"]!["limits"]);
    }

    private static (JsonObject? Claims, JsonNode Pod, JobDecision Decision) Launched(string spec, string template, params V1ResourceSlice[] slices)
    {
        var job = Jobs.Stored(spec, template);
        var decision = JobDecision.Of(job, InventoryBuilder.Build([], slices, []), NoConfigMaps.Instance);
        return (DeviceClaimTemplate.Of(decision), ChildWorkload.Template(job, decision, decision.Placement!)["spec"]!, decision);
    }

    private static V1ResourceSlice Devices(string node, string product, int mib, int count)
    {
        var devices = Enumerable.Range(0, count).Select(at => $"{{name: gpu-{at}, attributes: {{type: {{string: gpu}}, uuid: {{string: GPU-{node}{at}}}, productName: {{string: {product}}}}}, capacity: {{memory: {{value: {mib}Mi}}}}}}");
        return KubernetesYaml.LoadAllFromString<V1ResourceSlice>(
            $"{{metadata: {{name: {node}}}, spec: {{driver: gpu.nvidia.com, nodeName: {node}, pool: {{name: {node}, generation: 1, resourceSliceCount: 1}}, devices: [{string.Join(", ", devices)}]}}}}")[0];
    }

    private static string Product(JsonNode? choice) => ((string)choice!["selectors"]![0]!["cel"]!["expression"]!).Split('"')[3];

    /// <summary>MiB.</summary>
    private static long Needed(JsonNode request) =>
        long.Parse(((string)request["selectors"]!.AsArray()[^1]!["cel"]!["expression"]!).Split("quantity(\"")[1].Split("Mi\"")[0], System.Globalization.CultureInfo.InvariantCulture);
}
