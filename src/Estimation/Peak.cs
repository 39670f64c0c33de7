namespace GpuMem.Estimation;

/// <summary>The most loaded rank at its worst moment, while a job trains or a model serves (GpuMem.Serving).</summary>
internal struct Peak
{
    public long Expected;
    public long Upper;
    public long Least;
    public long Allocated;
    public long AllocatedUpper;
    public long Reserved;
    public long ReservedUpper;
    public long Needed;
    public OffGpu OffGpu;
    public Phase Phase;
    public int Stage;
    public bool Autocast;

    /// <summary>What the upper bound covers beyond the terms of the phase in which the peak is.</summary>
    public long Unexplained;

    /// <exception cref="OverflowException">A size leaves 63 bits.</exception>
    public static Peak Of(JobSpec job, int? only = null)
    {
        var peak = default(Peak);
        var before = default(PipelineStage);
        for (var index = only ?? 0; index <= (only ?? job.Parallelism.Pipeline - 1); index++)
        {
            var stage = PipelineStage.Of(job, index);
            if (only is not null || stage.MayBeMostLoaded(job.Model, before))
                peak.Include(job, index);
            before = stage;
        }

        peak.WidenFor(job.Model.Knowledge);
        return peak;
    }

    private void Include(JobSpec job, int stage)
    {
        var rank = new RankContext(job, stage);
        var memory = new RankMemory(rank);
        (Least, Autocast) = (Math.Max(Least, memory.Least), rank.Recipe.Autocast);
        OffGpu = OffGpu.Larger(OffGpu, memory.OffGpu);
        for (var phase = Phase.Loss; phase <= Phase.OptimizerStep; phase++)
            Include(memory.In(phase), phase, stage);
    }

    /// <summary>The peak with one more moment of one stage.</summary>
    public void Include(in PhaseMemory candidate, Phase phase, int stage)
    {
        Upper = Math.Max(Upper, candidate.Total.Upper);
        Needed = Math.Max(Needed, candidate.Needed);
        Allocated = Math.Max(Allocated, candidate.Allocated.Expected);
        AllocatedUpper = Math.Max(AllocatedUpper, candidate.Allocated.Upper);
        Reserved = Math.Max(Reserved, candidate.Reserved.Expected);
        ReservedUpper = Math.Max(ReservedUpper, candidate.Reserved.Upper);
        if (candidate.Total.Expected > Expected)
            (Expected, Phase, Stage, Unexplained) = (candidate.Total.Expected, phase, stage, candidate.Total.Upper);
    }

    /// <summary>As wide as what is known of the model asks for.</summary>
    public void WidenFor(ModelKnowledge knowledge)
    {
        var (least, most) = Margins.OfKnowledge(knowledge);
        Least -= new Percent(100 - least).Of(Least);
        Upper = new Percent(most).Of(Upper);
        AllocatedUpper = new Percent(most).Of(AllocatedUpper);
        ReservedUpper = new Percent(most).Of(ReservedUpper);
        Unexplained = checked(Upper - Unexplained);
    }
}
