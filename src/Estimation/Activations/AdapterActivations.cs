namespace GpuMem.Estimation.Activations;

/// <summary>What one layer of a frozen model with adapters keeps per token: the path back to earlier adapters, and the inputs of the adapters themselves.</summary>
internal static class AdapterActivations
{
    private const LoraTargets FirstOfAttention = LoraTargets.Query | LoraTargets.Key | LoraTargets.Value | LoraTargets.FusedQueryKeyValue;

    public static TokenBytes Of(in RankContext rank, LayerKind kind, Ratio imbalance)
    {
        var path = Path(rank, kind, imbalance);
        if (rank.Code.FrozenInputs == FrozenInputs.Fused)
            return path;
        path += AdapterInputs(rank, kind);
        path += rank.IsQuantised && !rank.Code.IsTransformers && FrozenWeights.IsExpanded(rank.Training.Quantization) ? ExpandedProducts(rank, kind) : FirstInputs(rank);
        return path;
    }

    private static TokenBytes Path(in RankContext rank, LayerKind kind, Ratio imbalance)
    {
        checked
        {
            var (shape, compute) = (rank.Shape, rank.Recipe.Compute);
            var frozen = LayerActivations.Frozen(rank.Model, shape, kind, imbalance);

            // bitsandbytes nn/modules.py, Linear4bit: the result has the type of the input, and so between fp32 norms everything is fp32.
            var between = rank.IsQuantised && rank.WideResidual ? 4 : compute;
            var path = new TokenBytes(frozen.Hidden / 2 * compute, frozen.Local / 2 * between);

            // Values stay a view of the joint result of one product for all three, which keeps the whole of it, unless they are repeated for fewer key-value heads.
            return rank.Code.KeepsJointQueryKeyValue && !shape.GroupedQueries ? path + new TokenBytes(0, compute * (shape.Query + shape.KeyValue)) : path;
        }
    }

    /// <summary>Of each adapted layer its input, in the adapter's type; one for all that share it, unless each casts it or drops out parts of its own.</summary>
    private static TokenBytes AdapterInputs(in RankContext rank, LayerKind kind)
    {
        checked
        {
            // Dropout keeps a copy with holes and a mask of one byte per element.
            var element = rank.Recipe.Weight + (rank.DropsAdapterInputs ? 1 : 0);
            var perModule = rank.Recipe.Weight > rank.Recipe.Compute || rank.DropsAdapterInputs;
            var inputs = Adapters.KeptInputs(rank.Shape, rank.Code.JointQueryKeyValueAdapter ? Joined(rank.Targets) : rank.Targets, Width(rank, kind), perModule);
            return new TokenBytes(element * inputs.Hidden, element * inputs.Local);
        }
    }

    /// <summary>
    /// bitsandbytes autograd/_functions.py before 0.44, MatMul4Bit: saves its input although the weight is frozen. Every product first casts an input of
    /// another type, and then keeps a copy of its own.
    /// </summary>
    private static TokenBytes ExpandedProducts(in RankContext rank, LayerKind kind)
    {
        var copies = rank.WideResidual ? (rank.Model.GatedFeedForward ? 5 : 4) : 2;
        var compute = rank.Recipe.Compute;
        return checked(new TokenBytes(copies * compute * rank.Shape.Hidden, compute * Width(rank, kind)));
    }

    /// <summary>Inputs of the first products of attention and feed-forward.</summary>
    private static TokenBytes FirstInputs(in RankContext rank) => rank.Code.FrozenInputs == FrozenInputs.First
        ? new TokenBytes(checked(Math.Min(rank.Model.NormsPerLayer, 2) * rank.Recipe.Compute * rank.Shape.Hidden), 0)
        : default;

    private static LoraTargets Joined(LoraTargets targets) => (targets & FirstOfAttention) == LoraTargets.None
        ? targets
        : (targets & ~FirstOfAttention) | LoraTargets.FusedQueryKeyValue;

    private static long Width(in RankContext rank, LayerKind kind) => kind == LayerKind.Experts
        ? checked((rank.Model.Experts!.ActivePerToken * rank.Shape.ExpertSize) + rank.Shape.SharedSize)
        : rank.Shape.FeedForward;
}
