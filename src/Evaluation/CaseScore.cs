using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation;

/// <summary>A case beside what the engine says about its job.</summary>
public sealed record CaseScore
{
    public required MeasuredCase Case { get; init; }

    /// <summary>In the case's own metric: allocated is held against allocated, a component against that component. Null when the job cannot be estimated.</summary>
    public MemoryBounds? Own { get; init; }

    /// <summary>Of the whole process, which is what must fit a GPU.</summary>
    public Estimate? Estimate { get; init; }

    public Baselines.BaselineSizes Baselines { get; init; } = Evaluation.Baselines.BaselineSizes.None;

    /// <summary>Why the job cannot be estimated.</summary>
    public string? Problem { get; init; }

    public bool IsComponent => Case.Measured.Component is not null;

    public bool IsTraining => Case.Mode is not (CaseMode.Inference or CaseMode.ComponentOnly);

    /// <summary>expected / measured − 1; null where nothing was measured or estimated.</summary>
    public double? Error => Own is { } own ? ErrorOf(own.Expected.GiB) : null;

    /// <summary>Of any other prediction in GiB.</summary>
    public double? ErrorOf(double? gib) => gib is { } predicted && Case.Measured.Gib is { } measured ? (predicted / measured) - 1 : null;
}
