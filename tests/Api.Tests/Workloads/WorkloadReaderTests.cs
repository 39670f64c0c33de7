using System.Globalization;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class WorkloadReaderTests
{
    public static TheoryData<string, string> TwoPodsOfFour => [.. Manifest.TwoPodsOfFour().Select(one => (one.Kind, one.Yaml))];

    [Theory]
    [MemberData(nameof(TwoPodsOfFour))]
    public void The_GPUs_that_train_together_are_counted(string kind, string yaml)
    {
        var workload = Manifest.Read(yaml);
        var asking = workload.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0);

        Assert.Equal((kind, 8L), (kind, GpusTogether.Of(workload, asking).Count));
        Assert.Null(GpusTogether.Of(workload, asking).Assumed);
    }

    [Theory]
    [MemberData(nameof(TwoPodsOfFour))]
    public void Each_template_is_where_it_is_said_to_be(string kind, string yaml)
    {
        var manifest = Manifest.Json(yaml);
        foreach (var pods in WorkloadReader.Read(manifest)!.Pods)
        {
            var at = pods.Path!.Aggregate((System.Text.Json.Nodes.JsonNode?)manifest, (node, name) => node is System.Text.Json.Nodes.JsonArray list ? list[int.Parse(name, CultureInfo.InvariantCulture)] : node![name]);
            Assert.Equal((kind, "main"), (kind, (string?)at!["spec"]!["containers"]![0]!["name"]));
        }
    }

    [Fact]
    public void A_TrainJob_says_in_its_own_fields_what_a_container_would()
    {
        var pods = Assert.Single(Manifest.Read(Manifest.Of(
            "trainer.kubeflow.org/v1alpha1", "TrainJob", "{runtimeRef: {name: torch}, trainer: {numNodes: 2, resourcesPerNode: {limits: {nvidia.com/gpu: 4}}, command: [torchrun, train.py]}}")).Pods);

        Assert.Equal((2L, 4L), (pods.Count, PodGpus.Of(pods.Pod.Spec).Count));
        Assert.Equal("torchrun", pods.Spec()!.Containers[0].Command[0]);
    }

    [Theory]
    [InlineData("{predictor: {containers: [C]}}", 4)]
    [InlineData("{predictor: {model: {modelFormat: {name: huggingface}, args: [--model_id=x], resources: {limits: {nvidia.com/gpu: 4}}}}}", 4)]
    public void A_predictor_is_the_spec_of_a_pod_or_names_a_model(string spec, int gpus)
    {
        var service = Manifest.Read(Manifest.Of("serving.kserve.io/v1beta1", "InferenceService", spec.Replace("C", Manifest.Container(gpus), StringComparison.Ordinal)));

        Assert.Equal(gpus, PodGpus.Of(Assert.Single(service.Pods).Pod.Spec).Count);
        Assert.True(service.AreCopies);
    }

    [Fact]
    public void Each_step_of_a_workflow_works_by_itself()
    {
        var steps = Manifest.Read(Manifest.Of("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: prepare, container: " + Manifest.Container(0) + "}, {name: train, container: " + Manifest.Container(2) + "}, {name: dag, dag: {}}]}"));

        Assert.Equal(["prepare", "train"], steps.Pods.Select(pods => pods.Role));
        Assert.Equal(2, GpusTogether.Of(steps, [steps.Pods[1]]).Count);
    }

    [Fact]
    public void Workers_that_an_autoscaler_counts_are_not_counted()
    {
        var cluster = Manifest.Read(Manifest.Of("ray.io/v1", "RayCluster", "{enableInTreeAutoscaling: true, workerGroupSpecs: [{replicas: 1, template: " + Manifest.Template(4) + "}]}"));

        Assert.Null(GpusTogether.Of(cluster, cluster.Pods).Count);
    }

    /// <summary>kuberay ray-operator/controllers/ray/utils/util.go, GetWorkerGroupDesiredReplicas.</summary>
    [Theory]
    [InlineData("minReplicas: 4, maxReplicas: 8", 4L)]
    [InlineData("replicas: 1, minReplicas: 4", 4L)]
    [InlineData("replicas: 9, maxReplicas: 8, numOfHosts: 2", 16L)]
    [InlineData("replicas: 8, suspend: true", 0L)]
    [InlineData("numOfHosts: 2", 0L)]
    public void A_worker_group_has_as_many_pods_as_KubeRay_makes(string group, long pods)
    {
        var cluster = Manifest.Read(Manifest.Of("ray.io/v1", "RayCluster", "{workerGroupSpecs: [{" + group + ", template: " + Manifest.Template(4) + "}]}"));

        Assert.Equal(pods, Assert.Single(cluster.Pods).Count);
    }

    [Theory]
    [InlineData("ray.io/v1", "RayCluster", "{enableInTreeAutoscaling: true, workerGroupSpecs: [{replicas: 2, minReplicas: 2, maxReplicas: 2, template: T}]}")]
    [InlineData("kubeflow.org/v1", "PyTorchJob", "{elasticPolicy: {minReplicas: 2, maxReplicas: 2}, pytorchReplicaSpecs: {Worker: {replicas: 2, template: T}}}")]
    public void What_may_have_one_number_of_pods_only_has_that(string version, string kind, string spec)
    {
        var workload = Manifest.Read(Manifest.Of(version, kind, spec.Replace("template: T", "template: " + Manifest.Template(4), StringComparison.Ordinal)));

        Assert.Equal(8, GpusTogether.Of(workload, workload.Pods).Count);
    }

    [Fact]
    public void A_patched_step_asks_for_what_only_its_pod_says() => Assert.Equal(["plain"], Manifest.Read(Manifest.Of("argoproj.io/v1alpha1", "Workflow",
        "{templates: [{name: plain, container: " + Manifest.Container(1) + "}, {name: patched, podSpecPatch: '{\"containers\": []}', container: " + Manifest.Container(1) + "}]}")).Pods.Select(pods => pods.Role));

    [Fact]
    public void Workers_of_an_elastic_job_are_not_counted()
    {
        var job = Manifest.Read(Manifest.Of("kubeflow.org/v1", "PyTorchJob", "{elasticPolicy: {minReplicas: 1, maxReplicas: 4}, pytorchReplicaSpecs: {Worker: {replicas: 1, template: " + Manifest.Template(4) + "}}}"));

        Assert.Null(GpusTogether.Of(job, job.Pods).Count);
    }

    [Fact]
    public void A_Job_of_a_set_does_not_train_alone()
    {
        var job = Manifest.Json(Manifest.Of("batch/v1", "Job", "{template: " + Manifest.Template(8) + "}"));
        job["metadata"]!["ownerReferences"] = Manifest.Json("owners: [{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, name: set, controller: true}]")["owners"]!.DeepClone();
        var workload = WorkloadReader.Read(job)!;

        Assert.Null(GpusTogether.Of(workload, workload.Pods).Count);
    }

    [Theory]
    [InlineData("apiVersion: batch/v7\nkind: Job\nspec: {parallelism: 3, template: {spec: {containers: []}}}", 1)]
    [InlineData("apiVersion: v1\nkind: Service\nspec: {}", -1)]
    [InlineData("apiVersion: example.com/v1\nkind: Job\nspec: {template: {spec: {containers: []}}}", -1)]
    [InlineData("apiVersion: batch/v1\nkind: Job", 0)]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: 7", 0)]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: {template: [1]}", 0)]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: {parallelism: -4, template: {spec: {containers: 7}}}", 0)]
    [InlineData("apiVersion: jobset.x-k8s.io/v1\nkind: JobSet\nspec: {replicatedJobs: [null, 3, {template: {}}]}", 0)]
    public void What_has_another_shape_has_no_pods(string yaml, int pods) => Assert.Equal(pods, WorkloadReader.Read(Manifest.Json(yaml))?.Pods.Count ?? -1);

    [Fact]
    public void A_count_that_no_cluster_has_is_not_known()
    {
        var job = Manifest.Read(Manifest.Of("batch/v1", "Job", "{parallelism: 9000000000, template: " + Manifest.Template(4) + "}"));

        Assert.Null(GpusTogether.Of(job, job.Pods).Count);
    }
}
