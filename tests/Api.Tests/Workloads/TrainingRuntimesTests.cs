using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>TrainJobs whose runtime stands beside them, put together as Kubeflow's Trainer does.</summary>
public sealed class TrainingRuntimesTests
{
    private const string Torch = """
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: ClusterTrainingRuntime
        metadata: {name: torch-ours}
        spec:
          mlPolicy: {numNodes: 2, torch: {numProcPerNode: auto}}
          template:
            spec:
              replicatedJobs:
                - name: model-initializer
                  template:
                    metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: model-initializer}}
                    spec: {template: {spec: {containers: [{name: model-initializer, image: x}]}}}
                - name: node
                  template:
                    metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
                    spec:
                      template:
                        spec:
                          nodeSelector: {pool: h100}
                          containers:
                            - name: node
                              image: ours
                              command: [torchrun, train.py]
                              env: [{name: KEPT, value: "1"}, {name: CHANGED, value: before}]
                              resources: {limits: {nvidia.com/gpu: 8}}
        """;

    private const string Mpi = """
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: TrainingRuntime
        metadata: {name: mpi, namespace: team}
        spec:
          mlPolicy: {numNodes: 1, mpi: {numProcPerNode: 1, mpiImplementation: OpenMPI, runLauncherAsNode: LAUNCHER}}
          template:
            spec:
              replicatedJobs:
                - name: node
                  template: {spec: {template: {spec: {containers: [{name: node, image: ours, command: [/usr/sbin/sshd]}]}}}}
                - name: launcher
                  template:
                    metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
                    spec: {template: {spec: {containers: [{name: node, image: ours}]}}}
        """;

    [Fact]
    public void What_the_job_does_not_say_is_the_runtimes()
    {
        var workload = Read("{}", Torch);

        Assert.Equal(16, GpusTogether.Of(workload, Asking(workload)).Count);
        var node = Assert.Single(Asking(workload)).Spec()!;
        Assert.Equal(["torchrun", "train.py"], node.Containers[0].Command);
        Assert.Equal("h100", node.NodeSelector["pool"]);
        Assert.Equal(("2", "auto"), (Variable(node, "PET_NNODES"), Variable(node, "PET_NPROC_PER_NODE")));
    }

    [Fact]
    public void What_the_job_says_goes_over_it()
    {
        var workload = Read("{trainer: {numNodes: 4, numProcPerNode: 2, image: mine, command: [torchrun, mine.py], env: [{name: CHANGED, value: after}], resourcesPerNode: {limits: {nvidia.com/gpu: 2}}}}", Torch);

        Assert.Equal(8, GpusTogether.Of(workload, Asking(workload)).Count);
        var node = Assert.Single(Asking(workload)).Spec()!;
        Assert.Equal((new PodGpus("nvidia.com/gpu", 2), "mine", "torchrun mine.py"), (PodGpus.Of(node), node.Containers[0].Image, string.Join(' ', node.Containers[0].Command)));
        Assert.Equal(("1", "after", "4", "2"), (Variable(node, "KEPT"), Variable(node, "CHANGED"), Variable(node, "PET_NNODES"), Variable(node, "PET_NPROC_PER_NODE")));
    }

    /// <summary>The three forms of the field, from Trainer 2.0 on.</summary>
    [Theory]
    [InlineData("podSpecOverrides: [{targetJobs: [{name: node}], nodeSelector: {zone: a}, tolerations: [{key: gpu, operator: Exists}]}]")]
    [InlineData("podTemplateOverrides: [{targetJobs: [{name: node}], spec: {nodeSelector: {zone: a}, tolerations: [{key: gpu, operator: Exists}]}}]")]
    [InlineData("runtimePatches: [{manager: mine, trainingRuntimeSpec: {template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: {nodeSelector: {zone: a}, tolerations: [{key: gpu, operator: Exists}]}}}}}]}}}}]")]
    public void Patches_of_the_job_are_merged_into_the_template_that_they_name(string patch)
    {
        var workload = Read("{" + patch + "}", Torch);

        var node = Assert.Single(Asking(workload)).Spec()!;
        Assert.Equal("h100 a", $"{node.NodeSelector["pool"]} {node.NodeSelector["zone"]}");
        Assert.Equal("gpu", Assert.Single(node.Tolerations).Key);
        Assert.Null(workload.Pods[0].Spec()!.NodeSelector);
    }

    [Theory]
    [InlineData("podTemplateOverrides: [{targetJobs: [{name: node}], metadata: {labels: {gpumem.io/training-job: job}}}]")]
    [InlineData("runtimePatches: [{manager: mine, trainingRuntimeSpec: {template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {metadata: {labels: {gpumem.io/training-job: job}}}}}}]}}}}]")]
    public void A_label_of_a_patch_ties_the_pods(string patch)
    {
        var cluster = new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), [Jobs.Of("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {method: Full, sequenceLength: 4096, recompute: Full}")]);

        Assert.True(WorkloadReview.Validate(Read("{" + patch + "}", Torch.Replace("pool: h100", "", StringComparison.Ordinal)), "team", cluster).Allowed);
        Assert.StartsWith("needs 131", WorkloadReview.Validate(Read("{trainer: {numNodes: 1, resourcesPerNode: {limits: {nvidia.com/gpu: 1}}}, " + patch + "}", Torch.Replace("pool: h100", "", StringComparison.Ordinal)), "team", cluster).Message, StringComparison.Ordinal);
    }

    /// <summary>With MPI the launcher may be one of the nodes.</summary>
    [Theory]
    [InlineData("true", "node 2, launcher 1")]
    [InlineData("false", "node 3")]
    public void Nodes_of_MPI_are_beside_their_launcher(string runLauncherAsNode, string asking)
    {
        var workload = Read("{trainer: {numNodes: 3, command: [deepspeed, train.py], resourcesPerNode: {limits: {nvidia.com/gpu: 4}}}}", Mpi.Replace("LAUNCHER", runLauncherAsNode, StringComparison.Ordinal), "{name: mpi, kind: TrainingRuntime}");

        Assert.Equal(asking, string.Join(", ", Asking(workload).Select(pods => $"{pods.Role} {pods.Count}")));
        Assert.Equal(12, GpusTogether.Of(workload, Asking(workload)).Count);
        Assert.Equal(["/usr/sbin/sshd"], workload.Pods[0].Spec()!.Containers[0].Command);
        Assert.Equal(["deepspeed", "train.py"], workload.Pods[1].Spec()!.Containers[0].Command);
    }

    [Theory]
    [InlineData("{name: other}")]
    [InlineData("{name: torch-ours, kind: TrainingRuntime}")]
    public void Another_runtime_is_not_taken(string reference) => Assert.Null(TrainingRuntimes.Of(Job("{}", reference), [Manifest.Json(Torch)]));

    private static Workload Read(string spec, string runtime, string reference = "{name: torch-ours}")
    {
        var (job, known) = (Job(spec, reference), Manifest.Json(runtime));
        return WorkloadReader.Read(job, Assert.IsType<System.Text.Json.Nodes.JsonObject>(TrainingRuntimes.Of(job, [known])))!;
    }

    private static System.Text.Json.Nodes.JsonObject Job(string spec, string reference)
    {
        var job = Manifest.Json("apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {name: ft, namespace: team}\nspec: " + spec);
        job["spec"]!["runtimeRef"] = Manifest.Json("reference: " + reference)["reference"]!.DeepClone();
        return job;
    }

    private static List<WorkloadPods> Asking(Workload workload) => [.. workload.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0)];

    private static string? Variable(V1PodSpec pod, string name) => pod.Containers[0].Env.FirstOrDefault(variable => variable.Name == name)?.Value;
}
