using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

namespace GpuMem.Api.Decisions;

/// <summary>What GpuMem decided about a job or a server against the pools there are: a plan, the words for it, and what policy makes of it.</summary>
public abstract record WorkloadDecision
{
    /// <summary>The pools that it was held against.</summary>
    public required PoolInventory Inventory { get; init; }

    /// <summary>The TrainingJob or ModelServer.</summary>
    public abstract IPodDescription Description { get; }

    public abstract Verdict Verdict { get; }

    /// <summary>Where it goes, or came nearest to fitting; null without pools.</summary>
    public abstract ICandidate? Best { get; }

    /// <summary>What one GPU needs; null when it cannot be at all.</summary>
    public abstract Estimate? Estimate { get; }

    /// <summary>What is wrong with it.</summary>
    public abstract IReadOnlyList<JobProblem> Problems { get; }

    /// <summary>The verdict in one line of at most 120 characters.</summary>
    public abstract string Line { get; }

    /// <summary>The verdict, the fixes, and where to read more.</summary>
    public abstract string Text { get; }

    /// <summary>What is done in its namespace where it does not say.</summary>
    public PolicyMode UsualMode { get; init; } = PolicyMode.Enforce;

    /// <summary>What GpuMem does about it.</summary>
    public PolicyMode Mode => Description.Mode(UsualMode);

    /// <summary>What had to be assumed of its pods, in words; null when nothing had.</summary>
    public string? Assumed { get; init; }

    /// <summary>Where the description and the workload that it describes say different things, in words; null when they do not.</summary>
    public string? Contradiction { get; init; }

    /// <summary>Each change that would make it fit, the cheapest first, with what it leads to.</summary>
    public abstract IEnumerable<string> Fixes { get; }

    /// <summary>As much as a pod's rewriting needs: what is remembered of a decision must be small, and the candidates of all pools are not.</summary>
    internal abstract WorkloadDecision PlacementOnly { get; }

    /// <summary>The model's size is a guess: its family is not known, or its configuration states what nobody reads.</summary>
    protected abstract bool IsGuess { get; }

    /// <summary>Where its pods go: where it fits or, when policy only warns, where it comes nearest. Null when they go nowhere.</summary>
    public ICandidate? Placed => Denies ? null : Best;

    /// <summary>The pool of <see cref="Placed"/>, with its selector and taints.</summary>
    public PoolEntry? Entry => Placed is { } placed ? Inventory.Find(placed.Pool.Name) : null;

    /// <summary>Its pods are to be refused.</summary>
    public bool Denies => Mode == PolicyMode.Enforce && Description.Override() is null && Verdict switch
    {
        Verdict.DoesNotFit or Verdict.Impossible => true,
        Verdict.Unknown => Description.Policy?.UnknownCapacity == UnknownCapacity.Deny && Best?.IsGuess != true,
        _ => false,
    };

    /// <summary>Its pods are admitted with a word of warning.</summary>
    public bool Warns => !Denies && Mode != PolicyMode.Off && (Verdict != Verdict.Fits || IsGuess);

    /// <summary>The decision about one pod, on the pools that this pod can reach.</summary>
    /// <param name="share">The part of a GPU that the pod asks for beside its <c>spec</c>; null leaves it to that.</param>
    /// <param name="together">GPUs of all pods that train or serve with it.</param>
    public static WorkloadDecision Of(IPodDescription description, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps, GpuShare? share = null, GpusTogether together = default) => description switch
    {
        TrainingJob job => JobDecision.Of(job, pod, inventory, configMaps, share, together),
        ModelServer server => ServerDecision.Of(server, pod, inventory, configMaps, share, together),
        _ => throw new ArgumentException($"{description.GetType().Name} describes no pods", nameof(description)),
    };
}
