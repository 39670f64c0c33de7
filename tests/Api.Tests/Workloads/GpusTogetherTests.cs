using GpuMem.Api.Json;
using GpuMem.Api.Pods;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Workloads;

public sealed class GpusTogetherTests
{
    private const string Job = ", ownerReferences: [{apiVersion: batch/v1, kind: Job, name: job, controller: true}]";

    [Theory]
    [InlineData("env: [{name: PET_NNODES, value: '2'}, {name: PET_NPROC_PER_NODE, value: '8'}]", 16)]
    [InlineData("env: [{name: WORLD_SIZE, value: '1'}]", 8)]
    [InlineData("env: [{name: WORLD_SIZE, value: '2'}]", 16)]
    [InlineData("env: [{name: LWS_GROUP_SIZE, value: '4'}]", 32)]
    [InlineData("command: [torchrun, --nnodes=4, train.py]", 32)]
    [InlineData("command: [torchrun, --nnodes, '4', train.py]", 32)]
    [InlineData("args: [accelerate, launch, --num_machines, '2', train.py]", 16)]
    public void A_pod_is_told_how_many_there_are(string container, int gpus) => Assert.Equal(new GpusTogether(gpus, null), Of(container, Job));

    [Theory]
    [InlineData("env: [{name: PET_NNODES, value: '1:4'}]")]
    [InlineData("env: [{name: JOB_COMPLETION_INDEX, valueFrom: {fieldRef: {fieldPath: x}}}]")]
    [InlineData("env: [{name: MASTER_ADDR, value: train-0}]")]
    [InlineData("command: [torchrun, --nnodes=$(NODES), train.py]")]
    [InlineData("command: [bash, -c, 'torchrun --nnodes=4 train.py']")]
    [InlineData("envFrom: [{configMapRef: {name: ranks}}]")]
    [InlineData("command: [sleep, infinity]")]
    [InlineData("command: [deepspeed, --hostfile=/etc/mpi/hostfile, train.py]")]
    public void What_names_others_without_their_number_leaves_it_open(string container) => Assert.Equal(GpusTogether.Unknown, Of(container, Job));

    [Fact]
    public void A_pod_of_a_Job_in_which_nothing_names_others_trains_alone_and_that_is_said()
    {
        var together = Of("env: [{name: HF_TOKEN, value: x}], command: [python, train.py]", Job);

        Assert.Equal(8, together.Count);
        Assert.Contains("assumes 1 pod of 8 GPUs", together.Assumed, StringComparison.Ordinal);
        Assert.InRange(together.Assumed!.Length, 1, 120);
    }

    [Theory]
    [InlineData("batch.volcano.sh/v1alpha1", "Job")]
    [InlineData("kubeflow.org/v2beta1", "MPIJob")]
    [InlineData("ray.io/v1", "RayCluster")]
    [InlineData("apps/v1", "StatefulSet")]
    public void Pods_of_what_makes_several_do_not_train_alone(string version, string kind) =>
        Assert.Equal(GpusTogether.Unknown, Of("command: [python]", $", ownerReferences: [{{apiVersion: {version}, kind: {kind}, name: x, controller: true}}]"));

    [Fact]
    public void Nor_does_a_Job_of_a_set() => Assert.Equal(GpusTogether.Unknown, Of("command: [python]", Job + ", labels: {jobset.sigs.k8s.io/jobset-name: set}"));

    [Theory]
    [InlineData("nvidia.com/gpu 1→8", null)]
    [InlineData("nvidia.com/gpu 1→4", 8)]
    [InlineData("as somebody wrote it", 8)]
    public void What_the_plan_gave_is_for_as_many_pods_as_the_plan_has_and_what_another_wrote_over_it_is_not(string annotation, int? gpus) =>
        Assert.Equal(gpus, Of("command: [python]", $", annotations: {{gpumem.io/rewritten: '{annotation}'}}").Count);

    /// <summary>As a webhook reads it and as a file is read: what is kept of the environment and the words must not change the answer.</summary>
    private static GpusTogether Of(string container, string metadata)
    {
        var yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: p" + metadata + "}\nspec: {containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: 8}}, " + container + "}]}";
        var narrow = GpusTogether.Of(Manifest.Read(yaml).Pods[0].Pod, gpus: 8);
        Assert.Equal(narrow, GpusTogether.Of(KubernetesYaml.LoadAllFromString<V1Pod>(yaml, ApiJson.Default)[0], gpus: 8));
        return narrow;
    }
}
