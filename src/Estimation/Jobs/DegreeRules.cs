namespace GpuMem.Estimation.Jobs;

/// <summary>Bounds of each degree of parallelism and of their product.</summary>
internal static class DegreeRules
{
    public static void Check(ParallelismSpec parallelism, ref ProblemList problems)
    {
        Within(parallelism.Tensor, "parallelism.tensor", ref problems);
        Within(parallelism.Pipeline, "parallelism.pipeline", ref problems);
        Within(parallelism.Context, "parallelism.context", ref problems);
        Within(parallelism.Expert, "parallelism.expert", ref problems);
        Within(parallelism.Data, "parallelism.data", ref problems);
        TrainingRules.Known(parallelism.Sharding, "parallelism.sharding", ref problems);
        if (problems.Any)
            return;

        var world = (Int128)parallelism.Tensor * parallelism.Pipeline * parallelism.Context * parallelism.Data;
        if (world > JobLimits.MaxWorldSize)
            problems.Add("parallelism", $"tensor × pipeline × context × data is {world} GPUs; at most {JobLimits.MaxWorldSize} are accepted");
    }

    private static void Within(int degree, string path, ref ProblemList problems)
    {
        if (degree is < 1 or > JobLimits.MaxParallelDegree)
            problems.Add(path, $"{degree}; use 1 (off) to {JobLimits.MaxParallelDegree}");
    }
}
