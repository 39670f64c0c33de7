using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Decisions;

public sealed class PodTieTests
{
    private const string Target = Jobs.Easy + "\ntargetRef: {apiVersion: batch/v1, kind: Job, name: theirs}";

    [Fact]
    public void The_label_names_the_job() => Assert.Equal("job", Of(Pod(label: "job"), Jobs.Of(Jobs.Easy)).Description!.Metadata.Name);

    [Fact]
    public void The_controller_is_looked_up_among_targets() => Assert.Equal("job", Of(Pod(owner: "theirs"), Jobs.Of(Target)).Description!.Metadata.Name);

    [Fact]
    public void The_label_comes_before_the_controller() =>
        Assert.Equal("first", Of(Pod(label: "first", owner: "theirs"), Jobs.Of(Target), Jobs.Of(Jobs.Easy, "first")).Description!.Metadata.Name);

    [Fact]
    public void A_label_without_its_job_is_a_warning_that_names_it()
    {
        var tie = Of(Pod(label: "gone"));

        Assert.Null(tie.Description);
        Assert.Contains("no TrainingJob 'gone'", tie.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_is_short_whatever_the_label() => Assert.InRange(Of(Pod(label: new string('x', 5000))).Warning!.Length, 1, 120);

    [Fact]
    public void Other_pods_are_not_ours()
    {
        Assert.Equal(PodTie.None, Of(Pod(), Jobs.Of(Target)));
        Assert.Equal(PodTie.None, Of(Pod(label: ""), Jobs.Of(Target)));
        Assert.Equal(PodTie.None, Of(Pod(owner: "another"), Jobs.Of(Target)));
    }

    [Fact]
    public void An_owner_that_does_not_control_is_no_tie()
    {
        var pod = Pod(owner: "theirs");
        pod.Metadata.OwnerReferences![0].Controller = false;

        Assert.Null(Of(pod, Jobs.Of(Target)).Description);
    }

    [Fact]
    public void A_namesake_of_another_kind_is_no_tie()
    {
        var pod = Pod(owner: "theirs");
        pod.Metadata.OwnerReferences![0].Kind = "ReplicaSet";

        Assert.Null(Of(pod, Jobs.Of(Target)).Description);
    }

    [Fact]
    public void The_label_of_a_server_names_the_server()
    {
        var pod = Labelled(ApiGroup.ModelServerLabel, "llama");

        Assert.Equal("llama", Of(pod, Example.Server("llama", Example.SmallServer)).Description!.Metadata.Name);
        Assert.Equal("no ModelServer 'llama' in this namespace: GPU memory not checked", Of(pod, Example.Server("other", Example.SmallServer)).Warning);
    }

    [Fact]
    public void A_pod_behind_a_ReplicaSet_belongs_to_the_Deployment()
    {
        var server = Example.Server("llama", Example.With(Example.SmallServer, "targetRef", """{"apiVersion": "apps/v1", "kind": "Deployment", "name": "vllm-llama"}"""));

        Assert.Equal(server, Of(Behind("vllm-llama-6d4cf56db6", hash: "6d4cf56db6"), server).Description);
    }

    [Theory]
    [InlineData("vllm-llama-6d4cf56db6", null)]
    [InlineData("vllm-llama-6d4cf56db6", "5c9f")]
    [InlineData("vllm-llama", "llama")]
    [InlineData("other-6d4cf56db6", "6d4cf56db6")]
    public void A_ReplicaSet_of_a_like_name_that_is_no_Deployments_is_no_tie(string replicaSet, string? hash)
    {
        var server = Example.Server("llama", Example.With(Example.SmallServer, "targetRef", """{"apiVersion": "apps/v1", "kind": "Deployment", "name": "vllm-llama"}"""));

        Assert.Equal(PodTie.None, Of(Behind(replicaSet, hash), server));
    }

    private static V1Pod Behind(string replicaSet, string? hash)
    {
        var pod = hash is null ? Labelled("app", "a") : Labelled("pod-template-hash", hash);
        pod.Metadata.OwnerReferences = [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = replicaSet, Uid = "1", Controller = true }];
        return pod;
    }

    private static V1Pod Labelled(string label, string value) => new() { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { [label] = value } } };

    private static PodTie Of(V1Pod pod, ModelServer server) => PodTie.Of(pod, "team-a", new FixedCluster(PoolInventory.Empty, [], [server]));

    private static V1Pod Pod(string? label = null, string? owner = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Labels = label is null ? null : new Dictionary<string, string> { ["gpumem.io/training-job"] = label },
            OwnerReferences = owner is null ? null : [new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = owner, Uid = "1", Controller = true }],
        },
    };

    private static PodTie Of(V1Pod pod, params TrainingJob[] jobs) => PodTie.Of(pod, jobs.FirstOrDefault()?.Namespace() ?? "team-a", new FixedCluster(PoolInventory.Empty, jobs));
}
