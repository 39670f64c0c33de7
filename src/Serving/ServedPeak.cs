namespace GpuMem.Serving;

/// <summary>The most loaded rank of a server at its worst moment.</summary>
internal static class ServedPeak
{
    /// <exception cref="OverflowException">A size leaves 63 bits.</exception>
    public static Peak Of(InferenceSpec spec)
    {
        var peak = default(Peak);
        Include(ref peak, spec, stage: 0);
        if (spec.Pipeline > 1)
            Include(ref peak, spec, spec.Pipeline - 1);
        peak.WidenFor(spec.Model.Knowledge);
        return peak;
    }

    private static void Include(ref Peak peak, InferenceSpec spec, int stage)
    {
        var memory = new ServedMemory(new ServedRank(spec, stage));
        peak.Least = Math.Max(peak.Least, memory.Least);
        for (var phase = Phase.Prefill; phase <= Phase.Decode; phase++)
            peak.Include(memory.In(phase, out _), phase, stage);
    }
}
