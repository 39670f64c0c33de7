using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Bytes of optimizer state for the trained parameters of one rank, before they are divided.</summary>
internal static class OptimizerState
{
    // Two uint8 moments with an fp32 scale per block of 256 (bitsandbytes functional.py, arXiv 2110.02861): 2 · (1 + 4/256).
    private static readonly Ratio EightBitMoments = new(65, 32);

    // Two 4-bit moments with an fp32 scale per block of 128 (torchao): 2 · (1/2 + 4/128).
    private static readonly Ratio FourBitMoments = new(17, 16);

    private static readonly Ratio EightBitMoment = new(65, 64);

    /// <param name="moment">Bytes of one element of a moment that is not quantised.</param>
    /// <param name="wideEmbedding">Whether 8-bit optimizers keep the embedding's moments in fp32.</param>
    public static long Of(Optimizer optimizer, in ParameterTally trained, int moment, bool wideEmbedding, int? secondMoment = null)
    {
        checked
        {
            var (all, factored) = (trained.Total, 4 * (trained.RowsAndColumns + trained.Vectors));
            return optimizer switch
            {
                Optimizer.AdamW or Optimizer.Sophia => (moment + (secondMoment ?? moment)) * all,
                Optimizer.AdEMAMix => 3 * moment * all,
                Optimizer.AdamW8bit => EightBit(trained, moment, wideEmbedding),
                Optimizer.AdamW4bit => FourBitMoments.Of(all - trained.Vectors) + (2 * moment * trained.Vectors),
                Optimizer.Lion8bit => EightBitMoment.Of(all - trained.Vectors) + (moment * trained.Vectors),

                // Adam-mini keeps one second moment per block of parameters: next to nothing (arXiv 2406.16793).
                Optimizer.SGDMomentum or Optimizer.Lion or Optimizer.AdamMini => moment * all,
                Optimizer.Adafactor or Optimizer.AdaLomo => factored,

                // A first moment, and the factors of the second and of its instability (arXiv 2307.02047).
                Optimizer.CAME => (moment * all) + (2 * factored),

                // Momentum for matrices; vectors, embedding and head get AdamW (arXiv 2502.16982).
                Optimizer.Muon => moment * (trained.Matrices + (2 * (all - trained.Matrices))),

                // Paged states are unified memory, which the driver moves to the host under pressure: they never decide whether a job fits,
                // and the caching allocator does not know them. SGD and LOMO have none; GaLore's depend on shapes, see GaLoreState.
                _ => 0,
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
}
