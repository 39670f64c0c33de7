using System.Text.Json.Nodes;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Serving;

/// <summary>What the planner decided about a model server, and all that is needed to explain it.</summary>
public sealed record ServerPlan
{
    public required Verdict Verdict { get; init; }

    /// <summary>One entry per pool that the server may use, the best first.</summary>
    public IReadOnlyList<ServerCandidate> Candidates { get; init; } = [];

    /// <summary>Changes that would make it start and serve, the cheapest first. Empty when it does.</summary>
    public IReadOnlyList<ServerSuggestion> Suggestions { get; init; } = [];

    /// <summary>Why the server is <see cref="Verdict.Invalid"/>, or why there is no pool.</summary>
    public IReadOnlyList<JobProblem> Problems { get; init; } = [];

    /// <summary>What one GPU needs where there is no pool to hold it against; null when some pool gives the number.</summary>
    public Estimate? UnplacedEstimate { get; init; }

    /// <summary>Where a replica goes, or came nearest to fitting; null without pools.</summary>
    public ServerCandidate? Best => Candidates.Count > 0 ? Candidates[0] : null;

    public Estimate? Estimate => Best?.Estimate ?? UnplacedEstimate;
}

/// <summary>A change that makes the engine start and serve, and what it leads to.</summary>
public sealed record ServerSuggestion
{
    /// <summary>The fields to set; more than one when no single change is enough.</summary>
    public required IReadOnlyList<Change<ServerRequest>> Changes { get; init; }

    /// <summary>Where the changed server would run.</summary>
    public required ServerCandidate Result { get; init; }

    /// <summary>What the change costs, in words; null when next to nothing.</summary>
    public string? Cost { get; init; }

    /// <summary>The changes as a merge patch of the ModelServer.</summary>
    public JsonObject MergePatch => Change.MergePatch(Changes);

    public override string ToString() => string.Join(", ", Changes);
}
