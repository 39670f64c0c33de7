namespace GpuMem.Serving;

/// <summary>What a serving process holds beside weights, cache and activations.</summary>
internal static class EngineOverheads
{
    // Captured decoding steps: vLLM logs about 0.65 GiB on one GPU; issues report up to 1.5.
    private static readonly Amount Graphs = new(Bytes.PerGiB / 2, Bytes.PerGiB * 3 / 2);

    public static bool Serves(InferenceEngine engine) => engine is InferenceEngine.VLLM or InferenceEngine.KAITO or InferenceEngine.SGLang or InferenceEngine.TGI or InferenceEngine.TensorRTLLM;

    public static Amount CudaGraphs(InferenceSpec spec) => spec.CudaGraphs && Serves(spec.Engine) ? Graphs : default;

    /// <summary>
    /// vLLM opens two communicators for tensor parallelism: torch's group and its own (vllm/distributed/device_communicators/pynccl.py). SGLang opens both
    /// for the world and for tensor parallelism: its logs say 1.8 to 2.0 GB when they are there (sgl-project/sglang#11716, "Init torch distributed ends").
    /// </summary>
    public static int Communicators(InferenceSpec spec) =>
        (spec.Tensor > 1 ? spec.RunsVllm ? 2 : spec.Engine == InferenceEngine.SGLang ? 4 : 1 : 0) + (spec.Pipeline > 1 && Serves(spec.Engine) ? 1 : 0) + (spec.Expert > 1 ? 1 : 0);

    public static Amount Nccl(InferenceSpec spec)
    {
        var count = Communicators(spec);
        return new Amount(count * ProcessOverhead.PerCommunicator.Expected, count * ProcessOverhead.PerCommunicator.Upper);
    }

    /// <summary>Room for adapters, allocated at start: 16 bits for each parameter that a slot can hold (vllm/lora/layers).</summary>
    public static long LoraSlots(in ServedRank rank)
    {
        var spec = rank.Spec;
        if (spec.LoraSlots == 0)
            return 0;
        var slot = Adapters.Of(rank.Model, rank.Stage, rank.Shape, LoraTargetNames.Of(spec.Lora.TargetModules), spec.Lora.Rank);
        return checked(2 * spec.LoraSlots * slot.Total);
    }
}
