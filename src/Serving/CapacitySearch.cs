using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>Divides what an engine leaves for the cache among sequences.</summary>
internal static class CapacitySearch
{
    public static InferenceCapacity Of(InferenceSpec spec, long gpuMemory)
    {
        // A sequence passes all stages, so the one with the least room decides.
        var tightest = OfStage(spec, 0, gpuMemory);
        var before = ServedStage.Of(spec, 0);
        for (var index = 1; index < spec.Pipeline; index++)
        {
            var stage = ServedStage.Of(spec, index);
            if (stage.MayBeMostLoaded(spec.Model, before) && OfStage(spec, index, gpuMemory) is var other && IsTighter(other, tightest))
                tightest = other;
            before = stage;
        }

        return tightest;
    }

    private static bool IsTighter(InferenceCapacity one, InferenceCapacity other) =>
        one.Sequences < other.Sequences || (one.Sequences == other.Sequences && one.MaxContext < other.MaxContext);

    private static InferenceCapacity OfStage(InferenceSpec spec, int stage, long gpuMemory)
    {
        var memory = new ServedMemory(new ServedRank(spec, stage));
        var cache = memory.Cache;
        var left = EngineBudget.ForCache(spec, memory, gpuMemory);
        var budget = Math.Max(0, left);
        var perSequence = cache.OfRoom(spec.SequenceLength);
        var wanted = Vllm.WantsAllLayers(spec) ? new KeyValueCache(new ServedRank(spec with { Pipeline = 1 }, 0)) : cache;
        var longest = left < 0 ? 0 : Longest(wanted, budget);

        // A model without a cache needs no room for one, but its weights do.
        var sequences = wanted.OfRoom(spec.SequenceLength) > budget ? 0 : perSequence > 0 ? budget / perSequence : left < 0 ? 0 : JobLimits.MaxMicroBatchSize;
        if (cache.SlotsOfStates is > 0 and var slots)
            sequences = Math.Min(sequences, slots);
        return new InferenceCapacity
        {
            Cache = new Bytes(budget),
            PerToken = new Bytes(cache.PerToken),
            Tokens = cache.IsLinear && cache.PerToken > 0 ? budget / cache.PerToken : sequences > 0 ? AtMost(sequences, spec.SequenceLength) : longest,
            Sequences = sequences,
            MaxContext = longest,
            Fits = sequences >= spec.Batch,
            IsCertain = spec.Model is { UnknownFamily: null, UnreadFields.Count: 0 } && spec.StorageIsKnown,
        };
    }

    private static long AtMost(long sequences, long length) => sequences <= long.MaxValue / length ? sequences * length : long.MaxValue;

    /// <summary>More tokens never need less, so bisection finds the most that fit.</summary>
    private static long Longest(in KeyValueCache cache, long budget)
    {
        var (fits, tooMany) = (0L, JobLimits.MaxSequenceLength + 1);
        while (tooMany - fits > 1)
        {
            var middle = fits + ((tooMany - fits) / 2);
            if (cache.OfRoom(middle) <= budget)
                fits = middle;
            else
                tooMany = middle;
        }

        return fits;
    }
}
