using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Inference;

/// <summary>The most loaded rank at its worst moment.</summary>
internal struct ServedPeak
{
    public TermAmounts Terms;
    public long Expected;
    public long Upper;
    public long Least;
    public long Needed;
    public Amount Allocated;
    public Amount Reserved;
    public Phase Phase;
    public int Stage;

    /// <exception cref="OverflowException">A size leaves 63 bits.</exception>
    public static ServedPeak Of(InferenceSpec spec)
    {
        var peak = default(ServedPeak);
        peak.Include(spec, stage: 0);
        if (spec.Pipeline > 1)
            peak.Include(spec, spec.Pipeline - 1);
        peak.Widen(spec.Model.Knowledge);
        return peak;
    }

    private void Include(InferenceSpec spec, int stage)
    {
        var memory = new ServedMemory(new ServedRank(spec, stage));
        Least = Math.Max(Least, memory.Least);
        for (var phase = Phase.Prefill; phase <= Phase.Decode; phase++)
        {
            var candidate = memory.In(phase);
            Upper = Math.Max(Upper, candidate.Total.Upper);
            Needed = Math.Max(Needed, candidate.Needed);
            Allocated = Larger(Allocated, candidate.Allocated);
            Reserved = Larger(Reserved, candidate.Reserved);
            if (candidate.Total.Expected <= Expected)
                continue;
            (Expected, Phase, Stage, Terms) = (candidate.Total.Expected, phase, stage, candidate.Terms);
        }
    }

    private static Amount Larger(Amount a, Amount b) => new(Math.Max(a.Expected, b.Expected), Math.Max(a.Upper, b.Upper));

    private void Widen(ModelKnowledge knowledge)
    {
        var (least, most) = Margins.OfKnowledge(knowledge);
        Least -= new Ratio(100 - least, 100).Of(Least);
        var widened = new Ratio(most, 100);
        Upper = widened.Of(Upper);
        Allocated = Allocated with { Upper = widened.Of(Allocated.Upper) };
        Reserved = Reserved with { Upper = widened.Of(Reserved.Upper) };
        Terms[TermKind.Fragmentation] += new Amount(0, checked(Upper - Terms.Sum().Upper));
    }
}
