using GpuMem.Operator.Tests.Support;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class ChildJobTests
{
    private readonly TrainingJob _job = Jobs.Stored(Example.Small);

    [Fact]
    public void It_knows_its_owner()
    {
        Assert.True(ChildJob.Read(Jobs.Child(_job)).IsOwnedBy(_job));
        var namesake = Jobs.Stored(Example.Small);
        namesake.Metadata.Uid = "another-uid";
        Assert.False(ChildJob.Read(Jobs.Child(_job)).IsOwnedBy(namesake));
        Assert.False(ChildJob.Read(new V1Job()).IsOwnedBy(_job));
    }

    [Fact]
    public void An_owner_that_does_not_control_it_is_not_the_one_that_launched_it()
    {
        var job = Jobs.Child(_job);
        job.Metadata.OwnerReferences![0].Controller = null;
        Assert.False(ChildJob.Read(job).IsOwnedBy(_job));
    }

    [Fact]
    public void The_plan_it_was_launched_with_can_be_read_back()
    {
        var plan = StatusText.Plan(Jobs.Decide(_job))!;
        var read = ChildJob.Read(Jobs.Child(_job)).Plan!;
        Assert.Equal((plan.Pool, plan.Layout, plan.Gpus, plan.Rewritten), (read.Pool, read.Layout, read.Gpus, read.Rewritten));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_plan_that_somebody_damaged_is_as_good_as_none(string? annotation)
    {
        var child = Jobs.Child(_job);
        child.Metadata.Annotations = annotation is null ? null : new Dictionary<string, string> { [LaunchedPlan.Annotation] = annotation };
        Assert.Null(ChildJob.Read(child).Plan);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData(null, false)]
    public void It_knows_who_holds_it_back(string? annotation, bool byOwner)
    {
        var child = Jobs.Child(_job, suspend: true);
        if (annotation is not null)
            child.Metadata.Annotations![ChildWorkload.SuspendedAnnotation] = annotation;
        var read = ChildJob.Read(child);
        Assert.True(read.IsSuspended);
        Assert.Equal(byOwner, read.IsSuspendedByOwner);
    }

    [Fact]
    public void A_condition_that_is_not_true_is_no_end()
    {
        var child = Jobs.Child(_job, new V1JobStatus { Active = 1, Conditions = [new V1JobCondition { Type = "Failed", Status = "False" }] });
        Assert.Equal(TrainingJobPhase.Running, ChildJob.Read(child).Phase);
    }

    [Theory]
    [InlineData("{}", null, true)]
    [InlineData("""{"limits": {"nvidia.com/gpu": "4"}}""", null, false)]
    [InlineData("""{"limits": {"nvidia.com/gpu": "4"}}""", "gpumem.io/plan", true)]
    public void A_suspended_Job_waits_for_a_plan_until_its_pods_ask_for_GPUs_and_Kueue_may_go_on(string resources, string? gates, bool waits)
    {
        var annotations = gates is null ? "{}" : $$"""{"kueue.x-k8s.io/admission-gated-by": "{{gates}}"}""";
        var job = KubernetesJson.Default.Deserialize<V1Job>(System.Text.Encoding.UTF8.GetBytes($$"""
            {"metadata": {"name": "mine", "labels": {"gpumem.io/training-job": "sft"}, "annotations": {{annotations}}},
             "spec": {"suspend": true, "template": {"spec": {"containers": [{"name": "main", "resources": {{resources}} }]} } } }
            """))!;
        Assert.Equal(waits, ChildJob.Read(job).Waits);
    }
}
