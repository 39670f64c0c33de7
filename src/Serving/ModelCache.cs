namespace GpuMem.Serving;

/// <summary>What a model keeps of a sequence while it generates, on one GPU with 16-bit keys and values.</summary>
/// <param name="PerToken">Bytes that one more token adds, while the sequence is shorter than any window.</param>
/// <param name="PerSequence">Bytes of states, which do not grow.</param>
public readonly record struct ModelCache(Bytes PerToken, Bytes PerSequence)
{
    /// <summary>As an engine keeps it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="engine">The program that serves it.</param>
    public static ModelCache Of(ModelArchitecture model, InferenceEngine engine)
    {
        var cache = new KeyValueCache(new ServedRank(new InferenceSpec { Model = model, Engine = engine, InputLength = 1 }, stage: 0));
        return new(new Bytes(cache.PerToken), new Bytes(cache.PerSequence));
    }
}
