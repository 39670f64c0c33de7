using GpuMem.Estimation.Models;
using GpuMem.Serving;

namespace GpuMem.Planning.Serving;

/// <summary>The length of a sequence that is asked of a server whose author states none.</summary>
public static class ServedLength
{
    // One or a few pages of every engine's cache.
    private const long Least = 256;

    /// <summary>Such an engine serves as long sequences as there is room for.</summary>
    /// <param name="engine">What serves.</param>
    /// <param name="isLeftToEngine">Its author tells it to find a length.</param>
    /// <remarks>vLLM refuses to start where the model's whole length has no room, unless it is told to find one; the others take what there is.</remarks>
    public static bool IsWhatFits(InferenceEngine engine, bool isLeftToEngine) => engine is not (InferenceEngine.VLLM or InferenceEngine.KAITO) || isLeftToEngine;

    /// <returns>Tokens of prompt and output; null where the model's own length is needed and not known.</returns>
    public static long? Asked(InferenceEngine engine, bool isLeftToEngine, ModelArchitecture model)
    {
        if (IsWhatFits(engine, isLeftToEngine))
            return Least;
        return model.ContextLength > 0 ? model.ContextLength : null;
    }
}
