namespace GpuMem.Estimation;

/// <summary>The one way into the engine.</summary>
public static class MemoryEstimator
{
    private static readonly JobProblem TooLarge = new(
        "training", "the job needs more than 8 EiB per GPU, which no number here can hold; reduce sequenceLength, microBatchSize or the model");

    /// <summary>Every reason why <paramref name="job"/> cannot be; empty when it can.</summary>
    public static IReadOnlyList<JobProblem> Validate(JobSpec job)
    {
        _ = TryEstimate(job, out var problems);
        return problems;
    }

    /// <summary>Both questions at once, without an exception: planning asks thousands of times.</summary>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static Estimate? TryEstimate(JobSpec job, out IReadOnlyList<JobProblem> problems) => TryEstimate(job, stage: null, out problems);

    /// <exception cref="InvalidJobException">The job has problems, see <see cref="Validate"/>, or its size leaves 63 bits.</exception>
    public static Estimate Estimate(JobSpec job) => Estimate(job, stage: null);

    /// <param name="stage">The pipeline stage to look at, from 0; null looks at the most loaded one.</param>
    /// <exception cref="InvalidJobException">As above.</exception>
    public static Estimate Estimate(JobSpec job, int? stage) =>
        TryEstimate(job, stage, out var problems) ?? throw new InvalidJobException(problems);

    private static Estimate? TryEstimate(JobSpec job, int? stage, out IReadOnlyList<JobProblem> problems)
    {
        problems = JobRules.Check(job);
        if (problems.Count > 0)
            return null;
        try
        {
            return Describe(job, Peak.Of(job, stage));
        }
        catch (OverflowException)
        {
            problems = [TooLarge];
            return null;
        }
    }

    private static Estimate Describe(JobSpec job, in Peak peak)
    {
        var assumptions = Assumptions.Of(job, peak.Autocast);
        return new Estimate
        {
            Terms = new TrainingTerms(job, peak.Stage, peak.Phase, peak.Unexplained),
            Expected = new Bytes(peak.Expected),
            Needed = new Bytes(peak.Needed),
            UpperBound = new Bytes(peak.Upper),
            LowerBound = new Bytes(peak.Least),
            Allocated = new Bytes(peak.Allocated),
            AllocatedUpperBound = new Bytes(peak.AllocatedUpper),
            Reserved = new Bytes(peak.Reserved),
            ReservedUpperBound = new Bytes(peak.ReservedUpper),
            HostMemoryPerNode = OnNode(peak.OffGpu.Host, job.Parallelism),
            NvmePerNode = OnNode(peak.OffGpu.Nvme, job.Parallelism),
            Engine = ColocatedEngine.Of(job, peak.Stage),
            AllocatorUse = AllocatorSlack.UseOf(job),
            PeakPhase = peak.Phase,
            WorstPipelineStage = peak.Stage,
            Confidence = Assumptions.ConfidenceUnder(assumptions),
            Assumptions = Assumptions.Texts(assumptions, job.Training, job.Model),
            Model = job.Model,
        };
    }

    private static Bytes OnNode(long perRank, ParallelismSpec parallelism) => new(checked(perRank * Math.Min(parallelism.GpusPerNode, parallelism.WorldSize)));
}
