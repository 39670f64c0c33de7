namespace GpuMem.Estimation.States;

/// <summary>Optimizer state for the trained parameters of one rank, before it is divided.</summary>
internal static class OptimizerState
{
    // Two uint8 moments with an fp32 scale per block of 256 (bitsandbytes functional.py, arXiv 2110.02861): 2 · (1 + 4/256).
    private static readonly Ratio EightBitMoments = new(65, 32);

    // Two 4-bit moments with an fp32 scale per block of 128 (torchao): 2 · (1/2 + 4/128).
    private static readonly Ratio FourBitMoments = new(17, 16);

    private static readonly Ratio EightBitMoment = new(65, 64);

    /// <param name="optimizer">Of the rank's job, but for GaLore, whose state follows from the shapes of matrices.</param>
    /// <param name="trained">What has states.</param>
    /// <param name="moment">Bytes of one element of a moment that is not quantised.</param>
    /// <param name="wideEmbedding">Whether 8-bit optimizers keep the embedding's moments in fp32.</param>
    /// <param name="second">Bytes of an element of the second moment, where it differs.</param>
    /// <param name="recipe">Where plain moments come from.</param>
    public static Formula Of(Optimizer optimizer, in ParameterTally trained, int moment, bool wideEmbedding, int? second = null, string recipe = "") =>
        optimizer == Optimizer.AdamW ? new("2 · β · N", recipe, new(moment + (second ?? moment), trained.Total)) : OfOthers(optimizer, trained, moment, wideEmbedding, second);

    private static Formula OfOthers(Optimizer optimizer, in ParameterTally trained, int moment, bool wideEmbedding, int? second)
    {
        checked
        {
            var (all, vectors, factored) = (trained.Total, trained.Vectors, trained.RowsAndColumns + trained.Vectors);
            return optimizer switch
            {
                Optimizer.Sophia => new("2 · β · N", "momentum and Hessian diagonal; Sophia, arXiv 2305.14342", new(moment + (second ?? moment), all)),
                Optimizer.AdEMAMix => new("3 · β · N", "AdEMAMix, arXiv 2409.03137", new(3 * moment, all)),

                // Small tensors stay unquantised (bitsandbytes optim/optimizer.py, min_8bit_size); Hugging Face's Trainer registers the embedding so, too.
                Optimizer.AdamW8bit => new(
                    "2 · (1 + 4/256) · N, small tensors in fp32",
                    "8-bit optimizers, arXiv 2110.02861; bitsandbytes optim/optimizer.py",
                    new(EightBitMoments, all - vectors - (wideEmbedding ? trained.Embedding : 0)),
                    new(2 * moment, vectors),
                    new(8, wideEmbedding ? trained.Embedding : 0)),
                Optimizer.AdamW4bit => new(
                    "2 · (1/2 + 4/128) · N, vectors not quantised", "torchao low-bit optimizers", new(FourBitMoments, all - vectors), new(2 * moment, vectors)),
                Optimizer.Lion8bit => new(
                    "(1 + 4/256) · N, vectors not quantised",
                    "Lion, arXiv 2302.06675; 8-bit optimizers, arXiv 2110.02861",
                    new(EightBitMoment, all - vectors),
                    new(moment, vectors)),
                Optimizer.SGDMomentum => new("β · N", "one momentum per parameter", new(moment, all)),
                Optimizer.Lion => new("β · N", "Lion, arXiv 2302.06675", new(moment, all)),

                // One second moment per block of parameters: next to nothing.
                Optimizer.AdamMini => new("β · N", "first moments; Adam-mini, arXiv 2406.16793", new(moment, all)),
                Optimizer.Adafactor or Optimizer.AdaLomo =>
                    new("4 B · (Σ rows + columns of matrices + vectors)", "Adafactor, arXiv 1804.04235", new(4, factored)),

                // A first moment, and the factors of the second and of its instability.
                Optimizer.CAME => new(
                    "β · N + 2 · 4 B · (Σ rows + columns of matrices + vectors)", "CAME, arXiv 2307.02047", new(moment, all), new(8, factored)),

                // Momentum for matrices; vectors, embedding and head get AdamW.
                Optimizer.Muon => new(
                    "β · N_matrices + 2 · β · N_rest", "Muon, arXiv 2502.16982", new(moment, trained.Matrices), new(2 * moment, all - trained.Matrices)),

                // Paged states are unified memory, which the driver moves to the host under pressure: they never decide whether a job fits,
                // and the caching allocator does not know them. SGD and LOMO have none.
                _ => new("0", "", default),
            };
        }
    }
}
