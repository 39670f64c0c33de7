namespace GpuMem.Estimation.Activations;

/// <summary>
/// Latent attention (arXiv 2405.04434): the narrow vectors with their norms' inputs, and the queries, keys and values made from them for every head.
/// The latter dominate: training has no use for the absorbed form that makes the cache small.
/// </summary>
internal static class LatentActivations
{
    public static TokenBytes Of(LatentAttention latent, in RankShape shape)
    {
        checked
        {
            var narrow = (4L * latent.QueryRank) + (2L * latent.CachedWidth) + (2L * latent.KeyValueRank);
            return new TokenBytes(narrow, (4 * shape.Query) + (4 * shape.AttentionOutput));
        }
    }
}
