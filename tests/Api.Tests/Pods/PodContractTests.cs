using System.Text.Json;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Tests.NodeLabels;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using k8s.Models;

namespace GpuMem.Api.Tests.Pods;

public sealed class PodContractTests
{
    /// <summary>In Latin letters a byte each; as text of .NET it would be twice that.</summary>
    private static readonly string Megabytes = new('x', 3_000_000);

    private static readonly string Labels = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"example.com/label-{i}\": \"{i}\""));

    [Fact]
    public void Megabytes_that_no_decision_asks_for_stay_the_bytes_they_came_in()
    {
        using var pod = JsonDocument.Parse(Pod(Labels + ",", Megabytes));
        pod.RootElement.Deserialize(PodContract.Pod);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = pod.RootElement.Deserialize(PodContract.Pod)!;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 64 << 10);

        Assert.Equal("sft", Assert.Single(read.Metadata.Labels).Value);
        Assert.Empty(read.Metadata.Annotations);
        Assert.Null(read.Spec.Volumes);
        var trainer = Assert.Single(read.Spec.Containers);
        Assert.Empty(trainer.Args ?? []);
        Assert.Empty(trainer.Command ?? []);
        Assert.Empty(trainer.Env ?? []);
    }

    [Theory]
    [InlineData(Jobs.Easy)]
    [InlineData(Jobs.Impossible)]
    [InlineData(Jobs.Easy + "\npolicy: {rewrite: Always}")]
    public void A_decision_is_the_same_as_about_the_whole_pod(string job)
    {
        var (inventory, tie) = (Nodes.Inventory(Nodes.H100x8("h-0"), Nodes.A10G("a-0")), new PodTie(Jobs.Of(job), null));
        foreach (var spec in Wishes)
        {
            using var pod = JsonDocument.Parse(Pod("", "short", spec));
            var (whole, read) = (pod.RootElement.Deserialize(KubernetesJson.Default.WriteInfo<V1Pod>())!, pod.RootElement.Deserialize(PodContract.Pod)!);
            var raw = System.Text.Json.Nodes.JsonObject.Create(pod.RootElement)!;

            Assert.Equal(PodGpus.Of(whole.Spec), PodGpus.Of(read.Spec));
            Assert.Equal(UnknownDevice.Of(whole.Spec), UnknownDevice.Of(read.Spec));
            Assert.Equal(JsonSerializer.Serialize(whole.GetController()?.Name), JsonSerializer.Serialize(read.GetController()?.Name));
            var (expected, actual) = (PodDecision.Validate(whole, tie, inventory, NoConfigMaps.Instance), PodDecision.Validate(read, tie, inventory, NoConfigMaps.Instance));
            Assert.Equal((expected.Allowed, expected.Message), (actual.Allowed, actual.Message));
            Assert.Equal(expected.Warnings, actual.Warnings);
            Assert.Equal(
                PatchOperation.ToJson(PodDecision.Mutate(raw, whole, tie, inventory, NoConfigMaps.Instance)).ToJsonString(),
                PatchOperation.ToJson(PodDecision.Mutate(raw, read, tie, inventory, NoConfigMaps.Instance)).ToJsonString());
        }
    }

    /// <summary>Everything that a pod can say about where it runs and on what.</summary>
    private static IEnumerable<string> Wishes =>
    [
        "",
        """ "nodeName": "h-0", """,
        """ "nodeSelector": {"cloud.google.com/gke-nodepool": "a10g"}, """,
        """ "tolerations": [{"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule", "tolerationSeconds": 3}, {"operator": "Exists"}], """,
        """ "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{ """
            + """ "matchExpressions": [{"key": "nvidia.com/gpu.product", "operator": "In", "values": ["NVIDIA-A10G"]}], """
            + """ "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a-0"]}]}]}}}, """,
        """ "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "gpu"}], """,
        """ "initContainers": [{"name": "a", "restartPolicy": "Always", "resources": {"requests": {"nvidia.com/gpu": "2"}}}], """,
        """ "initContainers": [{"name": "a", "resources": {"limits": {"habana.ai/gaudi": 2}}}], """,
    ];

    private static string Pod(string labels, string text, string spec = "") => $$$"""
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "trainer-0", "labels": { {{{labels}}} "gpumem.io/training-job": "sft"}, "annotations": {"a": "{{{text}}}"},
          "ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "a", "uid": "1"}]},
         "spec": { {{{spec}}} "volumes": [{"name": "v", "configMap": {"name": "{{{text}}}"}}],
          "containers": [{"name": "trainer", "image": "pytorch", "command": ["{{{text}}}"], "args": ["{{{text}}}"],
           "env": [{"name": "A", "value": "{{{text}}}"}], "resources": {"limits": {"nvidia.com/gpu": "1"} } }]},
         "status": {"message": "{{{text}}}"}}
        """;
}
