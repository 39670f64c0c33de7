using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class NestedWorkloadsTests
{
    /// <summary>A Job of two pods with four GPUs each, as one trial or one component.</summary>
    private const string Job = "{apiVersion: batch/v1, kind: Job, spec: {parallelism: 2, completions: 2, template: TEMPLATE}}";

    [Theory]
    [InlineData("kubeflow.org/v1beta1", "Experiment", "{parallelTrialCount: 3, trialTemplate: {primaryContainerName: main, trialSpec: JOB}}")]
    [InlineData("workload.codeflare.dev/v1beta2", "AppWrapper", "{components: [{template: {apiVersion: v1, kind: Service, metadata: {name: ft}}}, {template: JOB}]}")]
    public void The_pods_of_a_workload_inside_train_together(string version, string kind, string spec)
    {
        var workload = Manifest.Read(Manifest.Of(version, kind, Filled(spec, 4, "")));

        Assert.Equal((2, 8L), (workload.PodsTogether, GpusTogether.Of(workload, workload.Pods).Count));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(1, false)]
    public void They_are_judged_by_what_describes_them(int gpus, bool isAllowed)
    {
        var experiment = Manifest.Of("kubeflow.org/v1beta1", "Experiment", Filled("{trialTemplate: {trialSpec: JOB}}", gpus, "gpumem.io/training-job: job"));
        var cluster = new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.A10G("a-0")), [Jobs.Of("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {method: Full, sequenceLength: 1024, recompute: Full}")]);

        Assert.Equal(isAllowed, WorkloadReview.Validate(Manifest.Read(experiment), "team", cluster).Allowed);
    }

    [Theory]
    [InlineData("{trialTemplate: {configMap: {configMapName: x}}}")]
    [InlineData("{trialTemplate: {trialSpec: {apiVersion: kubeflow.org/v1beta1, kind: Experiment, spec: {trialTemplate: {trialSpec: JOB}}}}}")]
    public void What_holds_no_workload_has_no_pods(string spec) => Assert.Empty(Manifest.Read(Manifest.Of("kubeflow.org/v1beta1", "Experiment", Filled(spec, 4, ""))).Pods);

    private static string Filled(string spec, int gpus, string labels) =>
        spec.Replace("JOB", Job, StringComparison.Ordinal).Replace("TEMPLATE", Manifest.Template(gpus, labels), StringComparison.Ordinal);
}
