using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class PodsTogetherTests
{
    [Theory]
    [InlineData("v1", "Pod", "{containers: []}", 1)]
    [InlineData("batch/v1", "Job", "{template: @pod}", 1)]
    [InlineData("batch/v1", "Job", "{parallelism: 4, completions: 4, template: @pod}", 4)]
    [InlineData("batch/v1", "Job", "{parallelism: 4, completions: 2, template: @pod}", 2)]
    [InlineData("batch/v1", "Job", "{parallelism: many, template: @pod}", 1)]
    [InlineData("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Master: {replicas: 1, template: @pod}, Worker: {replicas: 3, template: @pod}}}", 4)]
    [InlineData("kubeflow.org/v2beta1", "MPIJob", "{mpiReplicaSpecs: {Launcher: {replicas: 1, template: @pod}, Worker: {replicas: 2, template: @pod}}}", 2)]
    [InlineData("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{replicas: 2, leaderWorkerTemplate: {size: 4, workerTemplate: @pod}}", 4)]
    [InlineData("trainer.kubeflow.org/v1alpha1", "TrainJob", "{trainer: {numNodes: 2}}", 2)]
    [InlineData("trainer.kubeflow.org/v1alpha1", "TrainJob", "{trainer: {}}", null)]
    [InlineData("jobset.x-k8s.io/v1alpha2", "JobSet", "{replicatedJobs: [{replicas: 2, template: {spec: {parallelism: 3, template: @pod}}}]}", 6)]
    [InlineData("batch.volcano.sh/v1alpha1", "Job", "{tasks: [{replicas: 2, template: @pod}]}", 2)]
    [InlineData("ray.io/v1", "RayJob", "{rayClusterSpec: {headGroupSpec: {template: @pod}, workerGroupSpecs: [{replicas: 2, template: @pod}]}}", 2)]
    [InlineData("apps/v1", "Deployment", "{replicas: 2, template: @pod}", null)]
    [InlineData("example.com/v1", "Job", "{template: @pod}", null)]
    public void The_pods_that_train_together_are_counted(string version, string kind, string spec, int? pods) =>
        Assert.Equal(pods, WorkloadReader.Read(Manifest.Json(Manifest.Of(version, kind, spec.Replace("@pod", Manifest.Template(0), StringComparison.Ordinal))))?.PodsTogether);
}
