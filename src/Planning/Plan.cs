using System.Text.Json.Nodes;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning;

/// <summary>What the planner decided, and all that is needed to explain it.</summary>
public sealed record Plan
{
    public required Verdict Verdict { get; init; }

    /// <summary>One entry per pool that the job may use, the best first.</summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    /// <summary>Changes that would make the job fit, the cheapest first. Empty when it fits.</summary>
    public IReadOnlyList<Suggestion> Suggestions { get; init; } = [];

    /// <summary>Why the job is <see cref="Verdict.Invalid"/>.</summary>
    public IReadOnlyList<JobProblem> Problems { get; init; } = [];

    /// <summary>
    /// What the job needs where there is no pool to hold it against; null when some pool gives the number, or the job is invalid.
    /// </summary>
    public Estimate? UnplacedEstimate { get; init; }

    /// <summary>Where the job goes, or came nearest to fitting; null without pools.</summary>
    public Candidate? Best => Candidates.Count > 0 ? Candidates[0] : null;

    public Estimate? Estimate => Best?.Estimate ?? UnplacedEstimate;
}

/// <summary>A job held against one pool, at the GPU count that suits it best there.</summary>
public sealed record Candidate : ICandidate
{
    public required Pool Pool { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>The job with what its author left open filled in.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>What was left open.</summary>
    public OpenFields Open { get; init; }

    /// <summary>What the planner chose, in the order of the spec.</summary>
    public IEnumerable<ChosenField> Chosen => ChosenField.Of(Open, Job);

    public required Estimate Estimate { get; init; }

    public required long Gpus { get; init; }

    /// <summary>GPUs of one pod; one pod runs on one node.</summary>
    public required int GpusPerNode { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <summary>What else there is to know, <c>pool has 16 of the 32 GPUs</c>; null when nothing.</summary>
    public string? Note { get; init; }

    public long Nodes => Gpus / GpusPerNode;

    /// <summary>What the pool's GPUs have for a training step: all, or what an engine on them leaves; null when it is not known.</summary>
    public Bytes? Available => VerdictRule.Available(Estimate, Pool);

    /// <summary>Why the engine that shares the GPU cannot run; null when it can, or there is none.</summary>
    public string? EngineProblem => Pool.UsableMemory is { } usable ? Estimate.Engine?.Problem(usable) : null;

    /// <summary>It would not fit if the model's family, which is not known, were built like Llama; everything else is known.</summary>
    public bool IsGuess => VerdictRule.IsGuess(Verdict, Estimate, Pool);

    /// <summary>How much the expected size is over the GPU's memory; zero when it is not, null when the memory is unknown.</summary>
    public Bytes? Short => Available is not { } memory ? null : Estimate.Expected > memory ? Estimate.Expected - memory : Bytes.Zero;

    /// <summary>Not only with luck: the GPU is known and has at least the expected size.</summary>
    public bool IsExpectedToFit => Short == Bytes.Zero && EngineProblem is null;

    /// <summary>What of a GPU stays free by the expected size; zero when it is over, null when the memory is unknown.</summary>
    public Bytes? Headroom => Available is not { } memory ? null : Estimate.Expected < memory ? memory - Estimate.Expected : Bytes.Zero;

    /// <summary>No node of the pool has as many GPUs as a pod asks for: none will ever start.</summary>
    public bool PodsExceedNodes => GpusPerNode > Pool.GpusPerNode;

    /// <summary>The memory of each GPU is enough for sure, whether there are so many or not.</summary>
    public bool HasRoom => Available is { } memory && Estimate.UpperBound <= memory;

    /// <summary>GPUs that the pool lacks, now and at its declared largest: all, where no pod starts.</summary>
    public long GpusShort => PodsExceedNodes ? Gpus : Math.Max(0, Gpus - Pool.Gpus);

    /// <summary>Money per hour for all GPUs; null without a price.</summary>
    public decimal? HourlyCost => Pool.PricePerGpuHour * Gpus;
}

/// <summary>A change that makes the job fit, and what it leads to.</summary>
public sealed record Suggestion
{
    /// <summary>The fields to set; more than one when no single change is enough.</summary>
    public required IReadOnlyList<Change<PlanRequest>> Changes { get; init; }

    /// <summary>Where the changed job would run.</summary>
    public required Candidate Result { get; init; }

    /// <summary>What the change costs, in words: <c>about 30 % slower</c>; null when next to nothing.</summary>
    public string? Cost { get; init; }

    /// <summary>The changes as a merge patch of the TrainingJob.</summary>
    public JsonObject MergePatch => Change.MergePatch(Changes);

    public override string ToString() => string.Join(", ", Changes);
}
