using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Operator.Tests.Support;
using GpuMem.Planning;

namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class TrainingJobStatusTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_job_without_template_that_fits_is_admitted()
    {
        var status = Build(Jobs.Stored(Example.Small, template: null));
        Assert.Equal((TrainingJobPhase.Admitted, Verdict.Fits, 1L), (status.Phase, status.Verdict, status.ObservedGeneration));
        Assert.Equal([("Estimated", "True"), ("CapacityKnown", "True"), ("Fits", "True")], Conditions(status));
    }

    [Fact]
    public void A_job_that_fits_nowhere_is_rejected_and_stalled_with_the_words_of_the_verdict()
    {
        var status = Build(Jobs.Stored(Example.TooLarge));
        Assert.Equal(TrainingJobPhase.Rejected, status.Phase);
        Assert.Equal([("Estimated", "True"), ("CapacityKnown", "True"), ("Fits", "False"), ("Stalled", "True")], Conditions(status));
        Assert.Contains("Fix: ", Condition(status, "Stalled").Message);
        Assert.NotEmpty(status.Suggestions!);
    }

    [Fact]
    public void A_job_that_cannot_be_is_rejected_and_says_why()
    {
        var status = Build(Jobs.Stored("""{"model": {"name": "no/such"}, "training": {"sequenceLength": 8}}"""));
        Assert.Equal((TrainingJobPhase.Rejected, Verdict.Invalid), (status.Phase, status.Verdict));
        Assert.Equal([("Estimated", "False"), ("Fits", "False"), ("Stalled", "True")], Conditions(status));
        Assert.Contains("no/such", status.Message);
        Assert.Equal("no/such", status.Model!.Name);
    }

    [Fact]
    public void A_suspended_job_is_suspended_and_has_its_plan()
    {
        var status = Build(Jobs.Stored(Example.With(Example.Small, "suspend", "true")));
        Assert.Equal(TrainingJobPhase.Suspended, status.Phase);
        Assert.NotNull(status.Plan);
    }

    [Fact]
    public void A_job_that_has_no_pool_to_go_to_is_pending_and_not_stalled()
    {
        var status = Build(Jobs.Stored(Example.Small), inventory: PoolInventory.Empty);
        Assert.Equal((TrainingJobPhase.Pending, Verdict.Unknown), (status.Phase, status.Verdict));
        Assert.Equal(("False", "NoPool"), (Condition(status, "Launched").Status, Condition(status, "Launched").Reason));
        Assert.Equal("Unknown", Condition(status, "Fits").Status);
        Assert.DoesNotContain(status.Conditions!, condition => condition.Type == "Stalled");
        Assert.NotNull(status.Estimate);
    }

    [Fact]
    public void A_Job_of_the_same_name_that_is_not_ours_stalls_it_and_says_what_to_do()
    {
        var job = Jobs.Stored(Example.Small);
        var stranger = Jobs.Child(job);
        stranger.Metadata.OwnerReferences = null;
        var status = Build(job, stranger);
        Assert.Equal((TrainingJobPhase.Pending, "NameTaken"), (status.Phase, Condition(status, "Stalled").Reason));
        Assert.Contains("another name", Condition(status, "Stalled").Message);
        Assert.Null(status.Launched);
    }

    [Fact]
    public void A_namesakes_child_is_not_ours_when_its_owner_was_another_object_of_that_name()
    {
        var job = Jobs.Stored(Example.Small);
        var child = Jobs.Child(job);
        job.Metadata.Uid = "created-again";
        Assert.Equal("NameTaken", Condition(Build(job, child), "Stalled").Reason);
    }

    [Fact]
    public void What_the_API_server_refused_to_launch_is_told()
    {
        var status = Build(Jobs.Stored(Example.Small), problem: LaunchProblem.Refused(InMemoryApi.Refusal(403, "Forbidden", "exceeded quota: gpus")));
        Assert.Equal(TrainingJobPhase.Pending, status.Phase);
        Assert.Equal(("False", "LaunchRefused"), (Condition(status, "Launched").Status, Condition(status, "Launched").Reason));
        Assert.Contains("exceeded quota: gpus", Condition(status, "Stalled").Message);
    }

    [Fact]
    public void The_phase_follows_the_child()
    {
        var job = Jobs.Stored(Example.Small);
        Assert.Equal(TrainingJobPhase.Launched, Build(job, Jobs.Child(job)).Phase);
        Assert.Equal(TrainingJobPhase.Running, Build(job, Jobs.Child(job, new V1JobStatus { Active = 1 })).Phase);
        Assert.Equal(TrainingJobPhase.Suspended, Build(job, Jobs.Child(job, suspend: true)).Phase);
        Assert.Equal(TrainingJobPhase.Complete, Build(job, Jobs.Child(job, Jobs.Ended("Complete"))).Phase);
        Assert.Equal(TrainingJobPhase.Failed, Build(job, Jobs.Child(job, Jobs.Ended("Failed"))).Phase);
    }

    [Fact]
    public void The_childs_end_is_told_with_its_reason()
    {
        var job = Jobs.Stored(Example.Small);
        var failed = Condition(Build(job, Jobs.Child(job, Jobs.Ended("Failed", "BackoffLimitExceeded", "too often"))), "Failed");
        Assert.Equal(("True", "BackoffLimitExceeded", "too often"), (failed.Status, failed.Reason, failed.Message));
        Assert.Equal("Complete", Condition(Build(job, Jobs.Child(job, Jobs.Ended("Complete"))), "Complete").Reason);
    }

    [Fact]
    public void A_launched_job_names_its_child()
    {
        var job = Jobs.Stored(Example.Small);
        var launched = Build(job, Jobs.Child(job)).Launched!;
        Assert.Equal(("batch/v1", "Job", "sft"), (launched.ApiVersion, launched.Kind, launched.Name));
    }

    [Fact]
    public void A_launched_job_keeps_what_was_said_of_it_whatever_pools_there_are()
    {
        var job = Jobs.Stored(Example.Several);
        var child = Jobs.Child(job);
        job.Status = Build(job, child);
        var later = TrainingJobStatusBuilder.BuildLaunched(job, ChildJob.Read(child), Now.AddDays(1));
        Assert.Equal(Json(job.Status), Json(later!));
    }

    [Fact]
    public void A_launched_job_whose_spec_was_edited_is_judged_again_and_keeps_the_plan_it_runs_with()
    {
        var job = Jobs.Stored(Example.Several);
        var child = Jobs.Child(job);
        job.Status = Build(job, child);
        var edited = Jobs.Stored(Example.TooLarge);
        (edited.Metadata.Generation, edited.Status) = (2, job.Status);
        Assert.Null(TrainingJobStatusBuilder.BuildLaunched(edited, ChildJob.Read(child), Now));
        var status = Build(edited, child);
        Assert.Equal((Verdict.Impossible, TrainingJobPhase.Launched, job.Status.Plan!.Layout), (status.Verdict, status.Phase, status.Plan!.Layout));
    }

    [Fact]
    public void Stalled_is_gone_once_the_cause_is()
    {
        var job = Jobs.Stored(Example.Small);
        job.Status = Build(job, problem: LaunchProblem.NameTaken("Service", "sft"));
        Assert.DoesNotContain(Build(job, Jobs.Child(job)).Conditions!, condition => condition.Type == "Stalled");
    }

    [Fact]
    public void The_same_state_gives_the_same_status_at_any_time()
    {
        foreach (var spec in new[] { Example.Small, Example.TooLarge, Example.Several, "{}" })
        {
            var job = Jobs.Stored(spec);
            job.Status = Build(job);
            Assert.Equal(Json(job.Status), Json(Build(job, now: Now.AddDays(3))));
        }
    }

    private static TrainingJobStatus Build(TrainingJob job, V1Job? child = null, LaunchProblem? problem = null, PoolInventory? inventory = null, DateTimeOffset? now = null) =>
        TrainingJobStatusBuilder.Build(Jobs.Decide(job, inventory), child is null ? null : ChildJob.Read(child), problem, null, now ?? Now);

    private static IEnumerable<(string?, string?)> Conditions(TrainingJobStatus status) => status.Conditions!.Select(condition => (condition.Type, condition.Status));

    private static Condition Condition(TrainingJobStatus status, string type) => Assert.Single(status.Conditions!, condition => condition.Type == type);

    private static string Json(TrainingJobStatus status) => System.Text.Encoding.UTF8.GetString(ApiJson.Default.Serialize(status));
}
