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
            var (matrices, rest) = (held.Matrices, held.Total - held.Matrices);
            var restBytes = rank.Training.Framework == TrainingFramework.HuggingFace ? 4 : rank.Recipe.Compute;
            return new(
                $"(NF4 · N_linear + β · N_rest){divisorSymbol}",
                $"({N(FrozenWeights.DoublyQuantised)} B · {N(matrices)} + {restBytes} B · {N(rest)}){divisor}",
                "QLoRA, arXiv 2305.14314, section 3; peft src/peft/utils/other.py");
        }

        var bytes = rank.IsAdapted ? rank.Recipe.Compute : rank.Recipe.Weight;
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
            Jobs.Optimizer.AdamW => ("2 · β · N", $"2 · {moment} B · {N(trained.Total)}", Source(rank.Recipe.Source)),
            Jobs.Optimizer.AdamW8bit or Jobs.Optimizer.PagedAdamW8bit =>
                ("2 · (1 + 4/256) · N, small tensors in fp32", $"2.03125 B · {N(trained.Total)}", "8-bit optimizers, arXiv 2110.02861; bitsandbytes optim/optimizer.py"),
            Jobs.Optimizer.Adafactor =>
                ("4 B · (Σ rows + columns of matrices + vectors)", $"4 B · ({N(trained.RowsAndColumns)} + {N(trained.Vectors)})", "Adafactor, arXiv 1804.04235"),
            Jobs.Optimizer.Muon =>
                ("β · N_matrices + 2 · β · N_rest", $"{moment} B · {N(trained.Matrices)} + {2 * moment} B · {N(trained.Total - trained.Matrices)}", "Muon, arXiv 2502.16982"),
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
        _ => "one type for weights, gradients and states",
    };

    /// <summary>As the sizes were computed: before a division, with what experts have fewer replicas for.</summary>
    private static ParameterTally Held(in RankContext rank, in ParameterTally tally, bool sharded) => sharded ? rank.Divisible(tally) : tally;

    private static string Trained(in RankContext rank) => rank.IsAdapted ? "N_adapters" : "N";

    private static (string Symbol, string Number) Divisor(in RankContext rank, bool sharded) =>
        sharded && rank.Shards > 1 ? (" / (dp · cp)", $" / {N(rank.Shards)}") : ("", "");
}
