using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Decisions;

public sealed class TrainingJobTieTests
{
    private const string Target = Jobs.Easy + "\ntargetRef: {apiVersion: batch/v1, kind: Job, name: theirs}";

    [Fact]
    public void The_label_names_the_job() => Assert.Equal("job", Of(Pod(label: "job"), Jobs.Of(Jobs.Easy)).Job!.Metadata.Name);

    [Fact]
    public void The_controller_is_looked_up_among_targets() => Assert.Equal("job", Of(Pod(owner: "theirs"), Jobs.Of(Target)).Job!.Metadata.Name);

    [Fact]
    public void The_label_comes_before_the_controller() =>
        Assert.Equal("first", Of(Pod(label: "first", owner: "theirs"), Jobs.Of(Target), Jobs.Of(Jobs.Easy, "first")).Job!.Metadata.Name);

    [Fact]
    public void A_label_without_its_job_is_a_warning_that_names_it()
    {
        var tie = Of(Pod(label: "gone"));

        Assert.Null(tie.Job);
        Assert.Contains("no TrainingJob 'gone'", tie.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_is_short_whatever_the_label() => Assert.InRange(Of(Pod(label: new string('x', 5000))).Warning!.Length, 1, 120);

    [Fact]
    public void Other_pods_are_not_ours()
    {
        Assert.Equal(TrainingJobTie.None, Of(Pod(), Jobs.Of(Target)));
        Assert.Equal(TrainingJobTie.None, Of(Pod(label: ""), Jobs.Of(Target)));
        Assert.Equal(TrainingJobTie.None, Of(Pod(owner: "another"), Jobs.Of(Target)));
    }

    [Fact]
    public void An_owner_that_does_not_control_is_no_tie()
    {
        var pod = Pod(owner: "theirs");
        pod.Metadata.OwnerReferences![0].Controller = false;

        Assert.Null(Of(pod, Jobs.Of(Target)).Job);
    }

    [Fact]
    public void A_namesake_of_another_kind_is_no_tie()
    {
        var pod = Pod(owner: "theirs");
        pod.Metadata.OwnerReferences![0].Kind = "ReplicaSet";

        Assert.Null(Of(pod, Jobs.Of(Target)).Job);
    }

    private static V1Pod Pod(string? label = null, string? owner = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Labels = label is null ? null : new Dictionary<string, string> { ["gpumem.io/training-job"] = label },
            OwnerReferences = owner is null ? null : [new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = owner, Uid = "1", Controller = true }],
        },
    };

    private static TrainingJobTie Of(V1Pod pod, params TrainingJob[] jobs) => TrainingJobTie.Of(pod, name => Array.Find(jobs, job => job.Metadata.Name == name), () => jobs);
}
