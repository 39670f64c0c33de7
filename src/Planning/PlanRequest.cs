using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning;

/// <summary>A job with what its author left open, and where it may run.</summary>
public sealed record PlanRequest
{
    /// <summary>The job; its data parallel size is what <see cref="DataIsAuto"/> says, or fixed.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>The planner chooses the data parallel size, and with it the number of GPUs.</summary>
    public bool DataIsAuto { get; init; }

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
    /// <summary>The least money per hour; pools without a price come after those with one.</summary>
    Cost,
    FewestGPUs,
    FewestNodes,
}
