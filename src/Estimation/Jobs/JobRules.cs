namespace GpuMem.Estimation.Jobs;

/// <summary>Whether a job can be at all, before anything is estimated. Later rules rely on earlier ones: dimensions before divisions.</summary>
internal static class JobRules
{
    public static IReadOnlyList<JobProblem> Check(JobSpec job)
    {
        var problems = default(ProblemList);
        if (job is not { Model: not null, Training: not null, Parallelism: not null })
        {
            problems.Add("spec", "model, training and parallelism must all be given");
            return problems.ToList();
        }

        ModelRules.Check(job.Model, ref problems);
        TrainingRules.Check(job.Training, ref problems);
        DegreeRules.Check(job.Parallelism, ref problems);
        if (problems.Any)
            return problems.ToList();

        DivisionRules.Check(job, ref problems);
        FrameworkRules.Check(job, ref problems);
        ScheduleRules.Check(job, ref problems);
        OffloadRules.Check(job, ref problems);
        return problems.ToList();
    }
}
