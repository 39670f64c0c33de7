namespace GpuMem.Serving;

/// <summary>The most loaded rank of a server at its worst moment.</summary>
internal static class ServedPeak
{
    /// <param name="spec">The server.</param>
    /// <param name="only">The pipeline stage to look at; null looks at all that may be the most loaded.</param>
    /// <exception cref="OverflowException">A size leaves 63 bits.</exception>
    public static Peak Of(InferenceSpec spec, int? only = null)
    {
        var peak = default(Peak);
        var before = default(PipelineStage);
        for (var index = only ?? 0; index <= (only ?? spec.Pipeline - 1); index++)
        {
            var stage = ServedStage.Of(spec, index);
            if (only is not null || stage.MayBeMostLoaded(spec.Model, before))
                Include(ref peak, spec, index);
            before = stage;
        }

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
