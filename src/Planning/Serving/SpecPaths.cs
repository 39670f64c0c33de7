using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Serving;

/// <summary>Where in the spec of a server stands what the estimator complains of, by the names that its author wrote.</summary>
internal static class SpecPaths
{
    private static readonly (string Estimators, string Authors)[] Prefixes =
    [
        ("inference.batch", "sequences"), ("inference.kvCacheDtype", "cacheType"), ("inference.lora", "lora"), ("inference.", ""), ("parallelism.", ""),
    ];

    public static IReadOnlyList<JobProblem> Of(IReadOnlyList<JobProblem> problems) => [.. problems.Select(Of)];

    private static JobProblem Of(JobProblem problem)
    {
        foreach (var (estimators, authors) in Prefixes)
            if (problem.Path.StartsWith(estimators, StringComparison.Ordinal))
                return problem with { Path = authors + problem.Path[estimators.Length..] };
        return problem;
    }
}
