using System.Text.Json.Nodes;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;

namespace GpuMem.Operator.Tests.Support;

/// <summary>TrainingJobs as the API server stored them: with UID and generation.</summary>
internal static class Jobs
{
    public const string Template = """{"spec": {"containers": [{"name": "trainer", "image": "pytorch"}]}}""";

    public static PoolInventory H100 { get; } = Example.Inventory(Example.Node("h100-0"), Example.Node("h100-1"));

    public static ServerFeatures Newest { get; } = new(IndexedJobs: true, PodFailurePolicy: true, ResourcesOfSuspendedJobs: true);

    public static TrainingJob Stored(string spec, string? template = Template)
    {
        var job = Example.Job("sft", template is null ? spec : Example.With(spec, "template", template));
        (job.Metadata.Uid, job.Metadata.Generation) = ("job-uid", 1);
        return job;
    }

    public static JobDecision Decide(TrainingJob job, PoolInventory? inventory = null) => JobDecision.Of(job, inventory ?? H100, NoConfigMaps.Instance);

    public static JsonObject Manifest(TrainingJob job, PoolInventory? inventory = null, ServerFeatures? features = null)
    {
        var decision = Decide(job, inventory);
        return ChildWorkload.Job(job, decision, StatusText.Plan(decision)!, features ?? Newest);
    }

    /// <summary>The Job that was launched for it, in the state given.</summary>
    public static V1Job Child(TrainingJob job, V1JobStatus? status = null, bool suspend = false)
    {
        var child = KubernetesJson.Default.Deserialize<V1Job>(System.Text.Encoding.UTF8.GetBytes(Manifest(job).ToJsonString()))!;
        child.Spec!.Suspend = suspend;
        child.Status = status;
        return child;
    }

    public static V1JobStatus Ended(string condition, string reason = "", string message = "") =>
        new() { Conditions = [new V1JobCondition { Type = condition, Status = "True", Reason = reason, Message = message }] };
}
