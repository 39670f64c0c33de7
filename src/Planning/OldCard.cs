using GpuMem.Catalogues.Gpus;

namespace GpuMem.Planning;

/// <summary>Cards whose memory may be enough and that current frameworks leave out.</summary>
internal static class OldCard
{
    /// <summary>
    /// What is left out: PyTorch 2.8 took Maxwell and Pascal out of its builds for CUDA 12.8 and later (pytorch/pytorch#157517), and vLLM takes compute capability 7.0
    /// and later (docs.vllm.ai, getting_started/installation/gpu). Null for a card that they run on.
    /// </summary>
    public static string? Note(string product) => GpuCatalogue.TryFind(product, out var card) && card.OldComputeCapability is { } capability
        ? $"{product} has compute capability {capability}: PyTorch's builds for CUDA 12.8 and later have no kernels for it, and vLLM takes 7.0 and later"
        : null;
}
