namespace GpuMem.Estimation.Jobs;

/// <summary>One reason why a job cannot be: where (a path as in the TrainingJob, <c>parallelism.tensor</c>), what, and what to do.</summary>
public sealed record JobProblem(string Path, string Message)
{
    /// <summary>Path and message, as people read them.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>The job is not one that could run; <see cref="Problems"/> says why, all reasons at once.</summary>
public sealed class InvalidJobException : Exception
{
    /// <summary>With all that is wrong.</summary>
    public InvalidJobException(IReadOnlyList<JobProblem> problems)
        : base(string.Join("; ", problems)) => Problems = problems;

    /// <summary>All that is wrong, one entry for each contradiction.</summary>
    public IReadOnlyList<JobProblem> Problems { get; }
}
