using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation;

/// <summary>The most loaded rank at its worst moment.</summary>
internal struct Peak
{
    public TermAmounts Terms;
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

    /// <exception cref="OverflowException">A size leaves 63 bits.</exception>
    public static Peak Of(JobSpec job, int? only = null)
    {
        var peak = default(Peak);
        var last = job.Parallelism.Pipeline - 1;
        peak.Include(job, only ?? 0);

        // Stages between hold fewer micro-batches in flight than the first and neither embedding nor head.
        if (only is null && last > 0)
            peak.Include(job, last);
        peak.WidenFor(job.Model.Knowledge);
        return peak;
    }

    private void Include(JobSpec job, int stage)
    {
        var rank = new RankContext(job, stage);
        var memory = new RankMemory(rank);
        Least = Math.Max(Least, memory.Least);
        OffGpu = OffGpu.Larger(OffGpu, memory.OffGpu);
        for (var phase = Phase.Loss; phase <= Phase.OptimizerStep; phase++)
        {
            var candidate = memory.In(phase);
            Upper = Math.Max(Upper, candidate.Total.Upper);
            Needed = Math.Max(Needed, candidate.Needed);
            Allocated = Math.Max(Allocated, candidate.Allocated.Expected);
            AllocatedUpper = Math.Max(AllocatedUpper, candidate.Allocated.Upper);
            Reserved = Math.Max(Reserved, candidate.Reserved.Expected);
            ReservedUpper = Math.Max(ReservedUpper, candidate.Reserved.Upper);
            if (candidate.Total.Expected <= Expected)
                continue;
            (Expected, Phase, Stage) = (candidate.Total.Expected, phase, stage);
            Terms = candidate.Terms;
        }
    }

    private void WidenFor(ModelKnowledge knowledge)
    {
        var (least, most) = Margins.OfKnowledge(knowledge);
        Least -= new Ratio(100 - least, 100).Of(Least);
        Upper = new Ratio(most, 100).Of(Upper);
        AllocatedUpper = new Ratio(most, 100).Of(AllocatedUpper);
        ReservedUpper = new Ratio(most, 100).Of(ReservedUpper);

        // What is uncertain beyond the terms, another phase or the dimensions, is shown with the allocator's slack, so that upper bounds sum up, too.
        var unexplained = checked(Upper - Terms.Sum().Upper);
        Terms[TermKind.Fragmentation] += new Amount(0, unexplained);
    }
}
