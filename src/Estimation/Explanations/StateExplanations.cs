using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;
using static GpuMem.Estimation.Explanations.Text;

namespace GpuMem.Estimation.Explanations;

/// <summary>Weights, gradients and optimizer state, in words.</summary>
internal static class StateExplanations
{
    public static Explanation Weights(in RankContext rank)
    {
        var (divisorSymbol, divisor) = Divisor(rank, rank.Recipe.ShardWeights);
        if (rank.IsQuantised)
        {
            var held = Held(rank, rank.Base, rank.Recipe.ShardWeights);
            var narrow = checked(held.Matrices + rank.QuantisedHead);
            var scheme = rank.Training.Quantization?.Scheme ?? QuantizationScheme.NF4DoubleQuantized;
            return new(
                $"({Name(scheme)} · N_linear + β · N_rest){divisorSymbol}",
                $"({N(FrozenWeights.PerWeight(rank.Training.Quantization))} B · {N(narrow)} + {rank.UnquantisedBytes} B · {N(held.Total - narrow)}){divisor}",
                Source(scheme));
        }

        var bytes = rank.IsAdapted ? rank.Recipe.Frozen : rank.Recipe.Weight;
        return new($"β · N{divisorSymbol}", $"{bytes} B · {N(Held(rank, rank.Base, rank.Recipe.ShardWeights).Total)}{divisor}", Source(rank.Recipe.Source));
    }

    public static Explanation Adapters(in RankContext rank)
    {
        var (divisorSymbol, divisor) = Divisor(rank, rank.Recipe.ShardWeights);
        var rankOfAdapters = (rank.Training.Lora ?? new LoraSpec()).Rank;
        return new(
            $"β · Σ r · (in + out){divisorSymbol}",
            $"{rank.Recipe.Weight} B · {N(Held(rank, rank.Trained, rank.Recipe.ShardWeights).Total)} (r {rankOfAdapters}, {rank.Targets}){divisor}",
            "LoRA, arXiv 2106.09685");
    }

    public static Explanation Master(in RankContext rank)
    {
        var (divisorSymbol, divisor) = Divisor(rank, rank.Recipe.ShardOptimizer);
        return new($"4 B · {Trained(rank)}{divisorSymbol}", $"{rank.Recipe.Master} B · {N(Held(rank, rank.Trained, rank.Recipe.ShardOptimizer).Total)}{divisor}", Source(rank.Recipe.Source));
    }

    public static Explanation Gradients(in RankContext rank, Phase phase)
    {
        var recipe = rank.Recipe;
        if (phase == Phase.BackwardStart && !rank.PersistentGradients && !rank.IsFullySharded)
        {
            return new(
                "β · V · h: the output matrix comes first",
                $"{recipe.Gradient} B · {N(rank.Shape.Vocabulary)} · {N(rank.Shape.Hidden)}",
                Source(recipe.Source));
        }

        var (divisorSymbol, divisor) = Divisor(rank, recipe.ShardGradients);
        var source = phase is Phase.Loss or Phase.BackwardStart && !rank.PersistentGradients
            ? "freed, but kept by the caching allocator on the stream of the reduce-scatter; pytorch/torchtitan, reserved against active memory"
            : Source(recipe.Source);
        return new($"β · {Trained(rank)}{divisorSymbol}", $"{recipe.Gradient} B · {N(Held(rank, rank.Trained, recipe.ShardGradients).Total)}{divisor}", source);
    }

    public static Explanation Optimizer(in RankContext rank)
    {
        var (divisorSymbol, divisor) = Divisor(rank, rank.Recipe.ShardOptimizer);
        var (trained, moment) = (Held(rank, rank.Trained, rank.Recipe.ShardOptimizer), rank.Recipe.Moment);
        var (symbols, numbers, source) = rank.Training.Optimizer switch
        {
            Jobs.Optimizer.AdamW when rank.Recipe.SecondMoment is { } second =>
                ("(β_1 + β_2) · N", $"({moment} + {second}) B · {N(trained.Total)}", Source(rank.Recipe.Source)),
            Jobs.Optimizer.AdamW => ("2 · β · N", $"2 · {moment} B · {N(trained.Total)}", Source(rank.Recipe.Source)),
            Jobs.Optimizer.AdamW8bit or Jobs.Optimizer.PagedAdamW8bit =>
                ("2 · (1 + 4/256) · N, small tensors in fp32", $"2.03125 B · {N(trained.Total)}", "8-bit optimizers, arXiv 2110.02861; bitsandbytes optim/optimizer.py"),
            Jobs.Optimizer.AdamW4bit =>
                ("2 · (1/2 + 4/128) · N, vectors not quantised", $"1.0625 B · {N(trained.Total - trained.Vectors)} + {2 * moment} B · {N(trained.Vectors)}", "torchao low-bit optimizers"),
            Jobs.Optimizer.Sophia => ("2 · β · N", $"2 · {moment} B · {N(trained.Total)}", "momentum and Hessian diagonal; Sophia, arXiv 2305.14342"),
            Jobs.Optimizer.AdEMAMix => ("3 · β · N", $"3 · {moment} B · {N(trained.Total)}", "AdEMAMix, arXiv 2409.03137"),
            Jobs.Optimizer.GaLore =>
                ("β · (projectors + projected moments + 2 · N_rest)", $"{moment} B · {N(GaLoreState.Of(rank, trained) / moment)}", "GaLore, arXiv 2403.03507"),
            Jobs.Optimizer.CAME =>
                ("β · N + 2 · 4 B · (Σ rows + columns of matrices + vectors)", $"{moment} B · {N(trained.Total)} + 8 B · ({N(trained.RowsAndColumns)} + {N(trained.Vectors)})", "CAME, arXiv 2307.02047"),
            Jobs.Optimizer.Adafactor or Jobs.Optimizer.AdaLomo =>
                ("4 B · (Σ rows + columns of matrices + vectors)", $"4 B · ({N(trained.RowsAndColumns)} + {N(trained.Vectors)})", "Adafactor, arXiv 1804.04235"),
            Jobs.Optimizer.Muon =>
                ("β · N_matrices + 2 · β · N_rest", $"{moment} B · {N(trained.Matrices)} + {2 * moment} B · {N(trained.Total - trained.Matrices)}", "Muon, arXiv 2502.16982"),
            Jobs.Optimizer.Lion8bit =>
                ("(1 + 4/256) · N, vectors not quantised", $"1.015625 B · {N(trained.Total - trained.Vectors)} + {moment} B · {N(trained.Vectors)}", "Lion, arXiv 2302.06675; 8-bit optimizers, arXiv 2110.02861"),
            Jobs.Optimizer.AdamMini => ("β · N", $"{moment} B · {N(trained.Total)}", "first moments; Adam-mini, arXiv 2406.16793"),
            Jobs.Optimizer.Lion => ("β · N", $"{moment} B · {N(trained.Total)}", "Lion, arXiv 2302.06675"),
            _ => ("β · N", $"{moment} B · {N(trained.Total)}", "one momentum per parameter"),
        };
        return divisor.Length == 0 ? new(symbols, numbers, source) : new($"({symbols}){divisorSymbol}", $"({numbers}){divisor}", source);
    }

    public static string Source(RecipeSource source) => source switch
    {
        RecipeSource.Megatron => "Megatron-LM megatron/training/theoretical_memory_usage.py, docs/user-guide/features/dist_optimizer.md",
        RecipeSource.DeepSpeed => "DeepSpeed deepspeed/runtime/zero/stage_1_and_2.py; ZeRO, arXiv 1910.02054",
        RecipeSource.FullySharded => "FSDP with fp32 shards, arXiv 2304.11277; pytorch/torchtitan",
        RecipeSource.Autocast => "fp32 weights under torch.autocast",
        RecipeSource.Stated => "the types that the job states, training.dataTypes",
        _ => "one type for weights, gradients and states",
    };

    private static string Source(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.GPTQ4 or QuantizationScheme.GPTQ8 => "GPTQ, arXiv 2210.17323",
        QuantizationScheme.AWQ4 => "AWQ, arXiv 2306.00978",
        QuantizationScheme.INT8 => "LLM.int8, arXiv 2208.07339",
        _ when QuantizedWeight.IsExpanded(scheme) => "QLoRA, arXiv 2305.14314, section 3; peft src/peft/utils/other.py",
        _ => "scales per block",
    };

    private static string Name(QuantizationScheme scheme) => scheme.ToString().Replace("DoubleQuantized", "", StringComparison.Ordinal);

    /// <summary>As the sizes were computed: before a division, with what experts have fewer replicas for.</summary>
    private static ParameterTally Held(in RankContext rank, in ParameterTally tally, bool sharded) => sharded ? rank.Divisible(tally) : tally;

    private static string Trained(in RankContext rank) => rank.IsAdapted ? "N_adapters" : "N";

    private static (string Symbol, string Number) Divisor(in RankContext rank, bool sharded) =>
        sharded && rank.Shards > 1 ? (" / (dp · cp)", $" / {N(rank.Shards)}") : ("", "");
}
