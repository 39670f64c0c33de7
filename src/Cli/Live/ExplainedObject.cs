using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Page.Answers;
using GpuMem.Planning;

namespace GpuMem.Cli.Live;

/// <summary>What GpuMem says of an object of a cluster, and what happened to it.</summary>
internal sealed record ExplainedObject
{
    /// <summary>As kubectl takes it: <c>job/train</c>.</summary>
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    /// <summary>What a pod, or what makes pods, would be answered if it were applied now; null for a TrainingJob and a ModelServer.</summary>
    public PodDecision? Answered { get; init; }

    /// <summary>What is done in its namespace, as a label of that says; null where it does not, and only the webhook's own flags would tell.</summary>
    public PolicyMode? Mode { get; init; }

    /// <summary>What made it, the nearest first.</summary>
    public IReadOnlyList<string> MadeBy { get; init; } = [];

    /// <summary>The TrainingJob or ModelServer that describes it, or that it is; null when none does.</summary>
    public string? Description { get; init; }

    /// <summary>What is decided about that description, for pods on what they can reach; null without one.</summary>
    public WorkloadDecision? Decision { get; init; }

    /// <summary>What the fullest GPU of its pods held at most, and over which time, as Prometheus writes it; null where nobody looked or saw.</summary>
    public (Bytes FullestGpu, string Over)? Observed { get; init; }

    /// <summary>What was told about it, the oldest first.</summary>
    public IReadOnlyList<Eventsv1Event> Events { get; init; } = [];

    /// <summary>Every pool, the best first.</summary>
    public IReadOnlyList<ICandidate> Candidates => Decision switch
    {
        JobDecision job => job.Plan.Candidates,
        ServerDecision server => server.Plan.Candidates,
        _ => [],
    };

    /// <summary>What would make it fit, each with the command that makes the change where kubectl can.</summary>
    public IEnumerable<ExplainedFix> Fixes => Decision switch
    {
        JobDecision job => job.Plan.Suggestions.Select(fix => new ExplainedFix($"{fix}", fix.Result, Command(fix.MergePatch), PlanJson.Of(fix))),
        ServerDecision server => server.Plan.Suggestions.Select(fix => new ExplainedFix($"{fix}", fix.Result, Command(fix.MergePatch), PlanJson.Of(fix))),
        _ => [],
    };

    /// <summary>The status to end with.</summary>
    public int Status => (Answered is { } answered ? answered.Allowed : Decision?.Verdict.Rejects() != true) ? ExitStatus.Fits : ExitStatus.DoesNotFit;

    /// <summary>What an annotation of the pods describes is changed there, and not by a command.</summary>
    private string? Command(JsonObject patch) =>
        Description?.Split('/') is [var kind, var name] ? $"kubectl patch {kind} {name} -n {Namespace} --type=merge -p '{OutputFormat.OneLine(patch)}'" : null;
}

/// <summary>A change that would make an object of a cluster fit.</summary>
/// <param name="Change">As in YAML.</param>
/// <param name="Result">Where that leads.</param>
/// <param name="Command">The command that makes it; null where there is none.</param>
/// <param name="Json">The same for machines, without the command.</param>
internal sealed record ExplainedFix(string Change, ICandidate Result, string? Command, JsonObject Json);
