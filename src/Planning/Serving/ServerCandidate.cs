using GpuMem.Estimation;
using GpuMem.Serving;

namespace GpuMem.Planning.Serving;

/// <summary>A model server held against one pool, at the tensor parallel size that was asked for or suits it best there.</summary>
public sealed record ServerCandidate : ICandidate
{
    public required Pool Pool { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>One replica, with everything that was open filled in.</summary>
    public required InferenceSpec Spec { get; init; }

    /// <summary>Of the most loaded GPU, with the cache of all sequences that were asked for.</summary>
    public required Estimate Estimate { get; init; }

    /// <summary>What one replica can hold on these GPUs; null when their memory is not known.</summary>
    public InferenceCapacity? Capacity { get; init; }

    /// <summary>Why the engine refuses to start, whatever the model needs; null when it does not.</summary>
    public string? EngineProblem { get; init; }

    /// <summary>What the engine wants free when it starts is free even where its context is as large as contexts are.</summary>
    public bool StartsForSure { get; init; } = true;

    public string? Note { get; init; }

    public required int GpusPerNode { get; init; }

    /// <summary>Its pods have fewer GPUs than one replica: what is to be changed stands in them, not in the server.</summary>
    public bool PodsLackGpus { get; init; }

    /// <summary>GPUs of one replica: attention is repeated in each group that experts are divided over, and each has tensor × pipeline GPUs.</summary>
    public long Gpus => (long)Spec.Tensor * Spec.Pipeline * Spec.Expert;

    public long Nodes => (Gpus + GpusPerNode - 1) / GpusPerNode;

    public bool IsGuess { get; init; }

    public Bytes? Short => Pool.UsableMemory is not { } memory ? null : Estimate.Expected > memory ? Estimate.Expected - memory : Bytes.Zero;

    /// <summary>The engine starts on these GPUs, and holds at least one sequence of the length asked for.</summary>
    public bool IsExpectedToFit => EngineProblem is null && Capacity is { } capacity && (Estimate.AllocatorUse is null ? ServingRule.HoldsOne(capacity) : Short == Bytes.Zero);

    /// <summary>The engine starts on these GPUs, and serves sequences shorter than those asked for.</summary>
    public bool HoldsLess => EngineProblem is null && Capacity is { } capacity && ServingRule.HoldsLess(Spec, capacity);

    public long GpusShort => Math.Max(0, Gpus - Pool.Gpus);

    public decimal? HourlyCost => Pool.PricePerGpuHour * Gpus;

    /// <summary>A server does not train.</summary>
    double? ICandidate.TokensPerSecond => null;
}
