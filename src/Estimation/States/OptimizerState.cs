using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Bytes of optimizer state for the trained parameters of one rank, before they are divided.</summary>
internal static class OptimizerState
{
    // Two uint8 moments with an fp32 scale per block of 256 (bitsandbytes functional.py, arXiv 2110.02861): 2 · (1 + 4/256).
    private static readonly Ratio EightBitMoments = new(65, 32);

    // Muon's momentum is one matrix as large as the gradient; vectors, embedding and head get AdamW (arXiv 2502.16982).
    public static Amount Of(Optimizer optimizer, in ParameterTally trained, int moment, bool wideEmbedding)
    {
        checked
        {
            return optimizer switch
            {
                Optimizer.AdamW => Exact(2 * moment * trained.Total),
                Optimizer.AdamW8bit => Exact(EightBit(trained, moment, wideEmbedding)),

                // Unified memory: the driver moves it to the host under pressure, so it never decides whether a job fits.
                Optimizer.PagedAdamW8bit => new Amount(0, EightBit(trained, moment, wideEmbedding)),
                Optimizer.SGDMomentum or Optimizer.Lion => Exact(moment * trained.Total),
                Optimizer.Adafactor => Exact(4 * (trained.RowsAndColumns + trained.Vectors)),
                Optimizer.Muon => Exact(moment * (trained.Matrices + (2 * (trained.Total - trained.Matrices)))),
                _ => default,
            };
        }
    }

    /// <summary>Small tensors stay unquantised (bitsandbytes optim/optimizer.py, min_8bit_size); Hugging Face's Trainer registers the embedding so, too.</summary>
    private static long EightBit(in ParameterTally trained, int moment, bool wideEmbedding)
    {
        checked
        {
            var wide = trained.Vectors + (wideEmbedding ? trained.Embedding : 0);
            return EightBitMoments.Of(trained.Total - wide) + (wideEmbedding ? 8 * trained.Embedding : 0) + (2 * moment * trained.Vectors);
        }
    }

    private static Amount Exact(long bytes) => Amount.WithMargin(bytes, percent: 5);
}
