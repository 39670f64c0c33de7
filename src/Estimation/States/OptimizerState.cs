using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Bytes of optimizer state for the parameters of one shard.</summary>
internal static class OptimizerState
{
    // Two uint8 moments with an fp32 scale per block of 256 (bitsandbytes functional.py, arXiv 2110.02861): 2 · (1 + 4/256).
    private static readonly Ratio EightBitMoments = new(65, 32);

    // Muon's momentum is one matrix as large as the gradient; vectors, embedding and head get AdamW (arXiv 2502.16982).
    public static Amount Of(Optimizer optimizer, in ParameterTally shard, int moment, bool wideEmbedding)
    {
        checked
        {
            return optimizer switch
            {
                Optimizer.AdamW => Exact(2 * moment * shard.Total),
                Optimizer.AdamW8bit => Exact(EightBit(shard, moment, wideEmbedding)),

                // Unified memory: the driver moves it to the host under pressure, so it never decides whether a job fits.
                Optimizer.PagedAdamW8bit => new Amount(0, EightBit(shard, moment, wideEmbedding)),
                Optimizer.SGDMomentum or Optimizer.Lion => Exact(moment * shard.Total),
                Optimizer.Adafactor => Exact(4 * (shard.RowsAndColumns + shard.Vectors)),
                Optimizer.Muon => Exact(moment * (shard.Matrices + (2 * (shard.Total - shard.Matrices)))),
                _ => default,
            };
        }
    }

    /// <summary>Small tensors stay unquantised (bitsandbytes optim/optimizer.py, min_8bit_size); Hugging Face's Trainer registers the embedding so, too.</summary>
    private static long EightBit(in ParameterTally shard, int moment, bool wideEmbedding)
    {
        checked
        {
            var wide = shard.Vectors + (wideEmbedding ? shard.Embedding : 0);
            return EightBitMoments.Of(Math.Max(0, shard.Total - wide)) + (wideEmbedding ? 8 * shard.Embedding : 0) + (2 * moment * shard.Vectors);
        }
    }

    private static Amount Exact(long bytes) => Amount.WithMargin(bytes, percent: 5);
}
