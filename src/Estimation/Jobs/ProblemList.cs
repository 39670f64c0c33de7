namespace GpuMem.Estimation.Jobs;

/// <summary>Collects problems; a job without any costs no allocation, which planning relies on.</summary>
internal ref struct ProblemList
{
    private List<JobProblem>? _problems;

    public readonly bool Any => _problems is not null;

    public void Add(string path, string message) => (_problems ??= []).Add(new JobProblem(path, message));

    public readonly IReadOnlyList<JobProblem> ToList() => _problems ?? (IReadOnlyList<JobProblem>)[];
}
