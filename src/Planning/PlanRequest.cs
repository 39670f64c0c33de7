using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning;

/// <summary>A job with what its author left open, and where it may run.</summary>
public sealed record PlanRequest
{
    /// <summary>The job; what is <see cref="Open"/> has its default here.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>What the planner chooses.</summary>
    public OpenFields Open { get; init; }

    /// <summary>The planner chooses the data parallel size, and with it the number of GPUs.</summary>
    public bool DataIsAuto
    {
        get => Open.HasFlag(OpenFields.Data);
        init => Open = value ? Open | OpenFields.Data : Open & ~OpenFields.Data;
    }

    /// <summary>GPUs of one pod, when the author fixed them; null leaves the choice to the planner.</summary>
    public int? GpusPerNode { get; init; }

    /// <summary>Names of the pools the job may use; empty means any.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    public Objective Objective { get; init; } = Objective.Cost;

    /// <summary>Part of each GPU that should stay free, 0 to 99.</summary>
    public int HeadroomPercent { get; init; }
}

/// <summary>What makes one placement better than another.</summary>
public enum Objective
{
    /// <summary>The least money for the work: price over speed, the price where the speed is not known. Pools without a price come after those with one, by GPUs.</summary>
    Cost,
    FewestGPUs,
    FewestNodes,

    /// <summary>The most tokens per second on the GPUs that there are.</summary>
    Fastest,
}
