using System.Text.Json.Nodes;
using GpuMem.Operator.Tests.Support;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class ChildWorkloadTests
{
    private const string Offloading = """
        {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 1024, "recompute": "Full", "offload": {"parameters": "Host", "optimizer": "Host"}}, "parallelism": {"data": 4}}
        """;

    private readonly TrainingJob _job = Jobs.Stored(Example.Several);

    [Fact]
    public void The_service_is_headless_and_names_pods_that_are_not_ready()
    {
        var spec = ChildWorkload.Service(_job)["spec"]!;
        Assert.Equal(("None", true), ((string?)spec["clusterIP"], (bool)spec["publishNotReadyAddresses"]!));
        Assert.Equal("sft", (string?)spec["selector"]!["gpumem.io/training-job"]);
        Assert.Equal(29500, (int)spec["ports"]![0]!["port"]!);
    }

    [Fact]
    public void Both_children_carry_the_jobs_name_label_and_owner()
    {
        foreach (var child in new[] { ChildWorkload.Service(_job), Jobs.Manifest(_job) })
        {
            var metadata = child["metadata"]!;
            Assert.Equal(("sft", Example.Namespace), ((string?)metadata["name"], (string?)metadata["namespace"]));
            Assert.Equal("sft", (string?)metadata["labels"]!["gpumem.io/training-job"]);
            var owner = Assert.Single(metadata["ownerReferences"]!.AsArray())!;
            Assert.Equal(("TrainingJob", "job-uid", true), ((string?)owner["kind"], (string?)owner["uid"], (bool)owner["controller"]!));
        }
    }

    [Fact]
    public void The_job_is_indexed_with_one_pod_to_a_node_and_no_retries()
    {
        var job = Jobs.Stored(Example.With(Example.Several, "parallelism", """{"data": 16}"""));
        var spec = Jobs.Manifest(job)["spec"]!;
        Assert.Equal(("Indexed", 0), ((string?)spec["completionMode"], (int)spec["backoffLimit"]!));
        Assert.Equal((2L, 2L), ((long)spec["completions"]!, (long)spec["parallelism"]!));
        Assert.Equal("Ignore", (string?)spec["podFailurePolicy"]!["rules"]![0]!["action"]);
    }

    [Fact]
    public void What_is_offloaded_is_asked_for_as_memory_of_the_pods_host()
    {
        var job = Jobs.Stored(Offloading);
        var decision = Jobs.Decide(job);
        var container = Jobs.Manifest(job)["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var host = decision.Plan.Best!.Estimate.HostMemoryPerNode;

        // Weights and two moments in fp32, and gradients, of all 8 billion parameters: one pod holds all ranks.
        Assert.Equal(1, decision.Plan.Best.Nodes);
        Assert.InRange(host.GiB, 16 * 8.03e9 / (1 << 30), 18 * 8.03e9 / (1 << 30));
        Assert.Equal($"{Math.Ceiling(host.Value / 1048576.0)}Mi", (string?)container["resources"]!["requests"]!["memory"]);
        Assert.Equal(StatusText.Quantity(host), StatusText.Estimate(decision.Plan.Estimate)!.HostMemoryPerPod);
    }

    [Theory]
    [InlineData("""{"requests": {"memory": "1Gi"}}""", "requests")]
    [InlineData("""{"limits": {"memory": "1Gi"}}""", "limits")]
    public void Memory_that_the_author_asked_for_stays(string resources, string where)
    {
        var template = $$$"""{"spec": {"containers": [{"name": "trainer", "image": "pytorch", "resources": {{{resources}}}}]}}""";
        var container = Jobs.Manifest(Jobs.Stored(Offloading, template))["spec"]!["template"]!["spec"]!["containers"]![0]!;

        Assert.Equal("1Gi", (string?)container["resources"]![where]!["memory"]);
        Assert.Null(where == "limits" ? container["resources"]!["requests"]?["memory"] : container["resources"]!["limits"]!["memory"]);
    }

    [Fact]
    public void Shared_memory_is_mounted_with_a_bound()
    {
        var job = Jobs.Stored(Example.With(Example.Several, "parallelism", """{"data": 8}"""));
        var spec = Jobs.Manifest(job)["spec"]!["template"]!["spec"]!;
        var directory = Assert.Single(spec["volumes"]!.AsArray())!["emptyDir"]!;

        Assert.Equal(("Memory", "64Gi"), ((string?)directory["medium"], (string?)directory["sizeLimit"]));
        Assert.Equal("/dev/shm", (string?)Assert.Single(spec["containers"]![0]!["volumeMounts"]!.AsArray())!["mountPath"]);
    }

    [Fact]
    public void The_data_loaders_of_one_GPU_share_memory_too_and_nothing_is_mounted_twice()
    {
        var (spec, container) = (new JsonObject(), new JsonObject());

        SharedMemory.Mount(spec, container, gpus: 1);
        SharedMemory.Mount(spec, container, gpus: 1);

        Assert.Equal("8Gi", (string?)Assert.Single(spec["volumes"]!.AsArray())!["emptyDir"]!["sizeLimit"]);
        Assert.Single(container["volumeMounts"]!.AsArray());
    }

    [Fact]
    public void Shared_memory_that_the_author_mounted_stays()
    {
        const string template = """
            {"spec": {"volumes": [{"name": "mine", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
              "containers": [{"name": "trainer", "image": "pytorch", "volumeMounts": [{"name": "mine", "mountPath": "/dev/shm"}]}]}}
            """;
        var spec = Jobs.Manifest(Jobs.Stored(Example.Several, template))["spec"]!["template"]!["spec"]!;

        Assert.Equal("1Gi", (string?)Assert.Single(spec["volumes"]!.AsArray())!["emptyDir"]!["sizeLimit"]);
        Assert.Single(spec["containers"]![0]!["volumeMounts"]!.AsArray());
    }

    [Theory]
    [InlineData("4", "vpc.amazonaws.com/efa", "16", 8, "32")]
    [InlineData("8", "rdma/hca_shared_devices_a", "4", 2, "1")]
    [InlineData("8", "nvidia.com/hostdev", "1", 4, "1")]
    [InlineData("8", "vpc.amazonaws.com/efa", "32", 8, "32")]
    public void Network_adapters_follow_the_number_of_GPUs_of_a_pod(string asked, string device, string devices, int gpus, string expected)
    {
        var container = new JsonObject
        {
            ["resources"] = new JsonObject { ["limits"] = new JsonObject { [device] = devices, ["cpu"] = "8" }, ["requests"] = new JsonObject { [device] = devices } },
        };

        FabricDevices.Scale(container, long.Parse(asked, System.Globalization.CultureInfo.InvariantCulture), gpus);

        Assert.Equal((expected, expected, "8"), ((string?)container["resources"]!["limits"]![device], (string?)container["resources"]!["requests"]![device], (string?)container["resources"]!["limits"]!["cpu"]));
    }

    [Fact]
    public void A_template_with_other_GPUs_than_the_plan_gets_its_adapters_in_proportion()
    {
        const string template = """{"spec": {"containers": [{"name": "trainer", "image": "pytorch", "resources": {"limits": {"nvidia.com/gpu": "1", "vpc.amazonaws.com/efa": "4"}}}]}}""";
        var job = Jobs.Stored(Example.With(Example.Several, "parallelism", """{"data": 8}"""), template);

        var limits = Jobs.Manifest(job)["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]!;

        Assert.Equal(4 * long.Parse((string)limits["nvidia.com/gpu"]!, System.Globalization.CultureInfo.InvariantCulture), long.Parse((string)limits["vpc.amazonaws.com/efa"]!, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Without_offload_no_memory_is_asked_for() =>
        Assert.Null(Jobs.Manifest(_job)["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["requests"]?["memory"]);

    [Fact]
    public void What_an_older_server_does_not_know_is_left_out()
    {
        var spec = Jobs.Manifest(_job, features: new ServerFeatures(IndexedJobs: false, PodFailurePolicy: false, ResourcesOfSuspendedJobs: false))["spec"]!.AsObject();
        Assert.False(spec.ContainsKey("completionMode") || spec.ContainsKey("podFailurePolicy"));
    }

    [Theory]
    [InlineData("1", "20", false, false, false)]
    [InlineData("1", "24", true, false, false)]
    [InlineData("1", "27+", true, true, false)]
    [InlineData("1", "36", true, true, true)]
    [InlineData("2", "0", true, true, true)]
    [InlineData(null, null, false, false, false)]
    [InlineData("", "x", false, false, false)]
    public void What_a_server_knows_follows_from_its_version(string? major, string? minor, bool indexed, bool policy, bool suspended) =>
        Assert.Equal(new ServerFeatures(indexed, policy, suspended), ServerFeatures.Of(new VersionInfo { Major = major, Minor = minor }));

    [Fact]
    public void Each_container_is_told_the_rendezvous()
    {
        var env = Variables(Jobs.Manifest(Jobs.Stored(Example.With(Example.Several, "parallelism", """{"data": 16}"""))));
        Assert.Equal(("2", "8"), ((string?)env["PET_NNODES"]["value"], (string?)env["PET_NPROC_PER_NODE"]["value"]));
        Assert.Equal(("sft-0.sft", "29500"), ((string?)env["PET_MASTER_ADDR"]["value"], (string?)env["PET_MASTER_PORT"]["value"]));
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']", (string?)env["PET_NODE_RANK"]["valueFrom"]!["fieldRef"]!["fieldPath"]);
    }

    [Fact]
    public void The_pods_find_each_other_by_the_services_name_and_keep_their_last_words()
    {
        var pod = Pod(Jobs.Manifest(_job));
        Assert.Equal(("sft", "Never"), ((string?)pod["subdomain"], (string?)pod["restartPolicy"]));
        Assert.Equal("FallbackToLogsOnError", (string?)pod["containers"]![0]!["terminationMessagePolicy"]);
    }

    [Fact]
    public void The_pods_ask_for_the_plans_GPUs_on_the_plans_pool()
    {
        var manifest = Jobs.Manifest(_job);
        var plan = StatusText.Plan(Jobs.Decide(_job))!;
        Assert.Equal($"{plan.GpusPerNode}", (string?)Pod(manifest)["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("NVIDIA-H100-80GB-HBM3", (string?)Pod(manifest)["nodeSelector"]!["nvidia.com/gpu.product"]);
        Assert.Equal("sft", (string?)manifest["spec"]!["template"]!["metadata"]!["labels"]!["gpumem.io/training-job"]);
    }

    [Fact]
    public void What_the_author_wrote_stays()
    {
        var manifest = Jobs.Manifest(Jobs.Stored(Example.Several, """
            {"metadata": {"labels": {"team": "a"}, "annotations": {"x": "y"}},
             "spec": {"fieldOfTheFuture": [1, null], "serviceAccountName": "trainer", "containers": [
               {"name": "trainer", "image": "pytorch", "terminationMessagePolicy": "File",
                "env": [{"name": "PET_MASTER_PORT", "value": "1"}, {"name": "MINE", "value": "2"}]}]}}
            """));
        var env = Variables(manifest);
        Assert.Equal(("1", "2"), ((string?)env["PET_MASTER_PORT"]["value"], (string?)env["MINE"]["value"]));
        Assert.Contains("PET_NNODES", env.Keys);
        Assert.Equal(("File", "trainer"), ((string?)Pod(manifest)["containers"]![0]!["terminationMessagePolicy"], (string?)Pod(manifest)["serviceAccountName"]));
        Assert.Equal("[1,null]", Pod(manifest)["fieldOfTheFuture"]!.ToJsonString());
        Assert.Equal("a", (string?)manifest["spec"]!["template"]!["metadata"]!["labels"]!["team"]);
    }

    [Fact]
    public void The_jobs_own_template_is_not_changed()
    {
        var before = _job.Spec.Template!.ToJsonString();
        Jobs.Manifest(_job);
        Assert.Equal(before, _job.Spec.Template.ToJsonString());
    }

    [Fact]
    public void The_same_job_and_pools_give_the_same_manifests() =>
        Assert.Equal(Jobs.Manifest(_job).ToJsonString(), Jobs.Manifest(Jobs.Stored(Example.Several)).ToJsonString());

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec": null, "metadata": null}""")]
    [InlineData("""{"spec": {"containers": null}}""")]
    [InlineData("""{"spec": {"containers": [null, 7, {}]}}""")]
    public void A_template_that_is_no_pod_is_left_to_the_API_server_to_refuse(string template) =>
        Assert.Equal("Never", (string?)Pod(Jobs.Manifest(Jobs.Stored(Example.Small, template)))["restartPolicy"]);

    [Theory]
    [InlineData("""{"containers": [{"name": "a", "resources": {"limits": {"habana.ai/gaudi": "8"}}}]}""", 2, 8)]
    [InlineData("""{"containers": [{"name": "a", "resources": {"limits": {"gpu.intel.com/xe": "1"}}}]}""", 16, 1)]
    [InlineData("""{"containers": [{"name": "a", "resources": {"limits": {"nvidia.com/gpu": "2", "nvidia.com/gpumem": "60000"}}}]}""", 8, 2)]
    [InlineData("""{"containers": [{"name": "a", "resources": {"claims": [{"name": "gpu"}]}}], "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "one"}]}""", 16, 1)]
    public void What_runs_on_other_devices_is_launched_as_its_author_wrote_it(string pod, long pods, int perPod)
    {
        var job = Jobs.Stored(Example.With(Example.Several, "parallelism", """{"data": 16}"""), $$"""{"spec": {{pod}}}""");
        var manifest = Jobs.Manifest(job);

        Assert.Equal(pods, (long)manifest["spec"]!["completions"]!);
        Assert.Equal($"{perPod}", (string?)Variables(manifest)["PET_NPROC_PER_NODE"]["value"]);
        Assert.Equal(JsonNode.Parse(pod)!["containers"]![0]!["resources"]!.ToJsonString(), Pod(manifest)["containers"]![0]!["resources"]!.ToJsonString());
        Assert.False(Pod(manifest).AsObject().ContainsKey("nodeSelector") || Pod(manifest).AsObject().ContainsKey("volumes"));
    }

    private static JsonNode Pod(JsonObject manifest) => manifest["spec"]!["template"]!["spec"]!;

    private static Dictionary<string, JsonObject> Variables(JsonObject manifest) =>
        Pod(manifest)["containers"]![0]!["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => variable!.AsObject());
}
