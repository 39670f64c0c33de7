using System.Text.Json.Nodes;
using GpuMem.Api.Commands;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Commands;

public sealed class PodCountTests
{
    [Theory]
    [InlineData("{kind: Pod}", 1)]
    [InlineData("{kind: Job}", 1)]
    [InlineData("{kind: Job, spec: {parallelism: 4, completions: 4}}", 4)]
    [InlineData("{kind: Job, spec: {parallelism: 4, completions: 2}}", 2)]
    [InlineData("{kind: PyTorchJob, spec: {pytorchReplicaSpecs: {Master: {replicas: 1}, Worker: {replicas: 3}}}}", 4)]
    [InlineData("{kind: MPIJob, spec: {mpiReplicaSpecs: {Launcher: {replicas: 1}, Worker: {replicas: 2}}}}", 2)]
    [InlineData("{kind: LeaderWorkerSet, spec: {replicas: 2, leaderWorkerTemplate: {size: 4}}}", 4)]
    [InlineData("{kind: Job, spec: {parallelism: many}}", 1)]
    [InlineData("{kind: TrainJob, spec: {trainer: {numNodes: 2}}}", 2)]
    [InlineData("{kind: RayJob}", null)]
    [InlineData("{kind: 3}", null)]
    public void The_pods_that_train_together_are_counted(string yaml, int? pods) =>
        Assert.Equal(pods, PodCount.Of((JsonObject)KubernetesYaml.LoadAllFromString(yaml)[0]));
}
