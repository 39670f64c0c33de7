using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Inference;

/// <summary>Bytes that past tokens occupy: keys and values (arXiv 2309.06180), latent vectors (arXiv 2405.04434) or recurrent states (arXiv 2405.21060).</summary>
public static class KeyValueCache
{
    /// <summary>Tokens of one page in vLLM.</summary>
    public const int PageTokens = 16;

    /// <summary>Of one token, over all layers, on one tensor-parallel rank; layers with a sliding window or a recurrent state count as if they kept it.</summary>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long BytesPerToken(ModelArchitecture model, DataType type, int tensor = 1) => checked(AttentionLayers(model) * BytesPerLayerToken(model, type, tensor));

    /// <summary>Of <paramref name="sequences"/> of <paramref name="tokens"/> each, on one tensor-parallel rank.</summary>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long Bytes(ModelArchitecture model, DataType type, long sequences, long tokens, int tensor = 1)
    {
        checked
        {
            var (layers, local) = (AttentionLayers(model), (long)(model.Window?.Layers ?? 0));
            var kept = ((layers - local) * tokens) + (local * Math.Min(tokens, model.Window?.Tokens ?? 0));
            var states = model.StateSpace is { } space ? space.Layers * Ratio.DivideUp(space.CachedElements, tensor) * type.Bytes() : 0;
            return sequences * ((kept * BytesPerLayerToken(model, type, tensor)) + states);
        }
    }

    /// <summary>Tokens that a paged cache sets aside for a sequence of <paramref name="tokens"/>.</summary>
    public static long Paged(long tokens, int page = PageTokens) => checked(Ratio.DivideUp(tokens, page) * page);

    private static long AttentionLayers(ModelArchitecture model) => model.Layers - (model.StateSpace?.Layers ?? 0);

    /// <summary>The latent vector is whole on every rank; heads are divided, and repeated where there are fewer of them than ranks.</summary>
    private static long BytesPerLayerToken(ModelArchitecture model, DataType type, int tensor) => checked(model.Latent is { } latent
        ? Size(latent.CachedWidth, type)
        : 2L * Ratio.DivideUp(model.KeyValueHeads, tensor) * Size(model.HeadDimension, type));

    /// <summary>Four-bit floats have an eight-bit scale per block of 16 (vllm-project/vllm kv_cache_interface.py).</summary>
    private static long Size(long elements, DataType type) => type == DataType.NVFP4 ? Ratio.DivideUp(9 * elements, 16) : elements * type.Bytes();
}
