namespace GpuMem.Estimation.Activations;

/// <summary>Routed and shared experts: each token is kept once per expert that works on it, as input, output and inside the expert.</summary>
internal static class ExpertActivations
{
    /// <param name="imbalance">Load of the busiest rank over the mean.</param>
    /// <param name="perWidth">Bytes per element of a feed-forward's width.</param>
    /// <param name="results">What the experts return is saved, too, for the gradient of the router's weights.</param>
    public static TokenBytes Of(MixtureOfExperts mixture, in RankShape shape, Ratio imbalance, long perWidth, bool results = true)
    {
        checked
        {
            // The router's logits and probabilities are in fp32.
            var router = 8L * mixture.Count;
            var rows = imbalance.Of((results ? 4 : 2) * mixture.ActivePerToken * shape.Hidden);
            var inside = imbalance.Of(perWidth * mixture.ActivePerToken * shape.ExpertSize);
            var shared = perWidth * shape.SharedSize;

            // Ranks that hold parts of the same experts gather each other's tokens; ranks with whole ones each get a part of them.
            return shape.CutsExperts ? new TokenBytes(router, rows + inside + shared) : new TokenBytes((shape.ExpertTensor * (rows + inside)) + router, shared);
        }
    }

    /// <summary>
    /// A rank with all experts has all tokens whatever the router does; at worst all tokens go to one rank or to the same few experts. A capacity
    /// bounds what an expert gets, and padding fills it up to that (Megatron-LM core/transformer/moe/moe_utils.py, topk_softmax_with_capacity).
    /// </summary>
    public static (Ratio Expected, Ratio Conservative) Imbalance(ModelArchitecture model, ParallelismSpec parallelism)
    {
        if (model.Experts is not { } mixture)
            return (Ratio.Whole(1), Ratio.Whole(1));
        var (usual, worst) = Unbounded(mixture, parallelism.Expert);
        if (parallelism.ExpertCapacityPercent is not { } percent)
            return (usual, worst);
        var capacity = new Ratio(percent, 100);
        return parallelism.ExpertPadding ? (capacity, capacity) : (Less(usual, capacity), Less(worst, capacity));
    }

    private static (Ratio Expected, Ratio Conservative) Unbounded(MixtureOfExperts mixture, int expertParallel)
    {
        if (expertParallel == 1)
            return (Ratio.Whole(1), Ratio.Whole(1));
        var bound = mixture.Count / mixture.ActivePerToken is var few && few < expertParallel ? Ratio.Whole(Math.Max(1, few)) : Ratio.Whole(expertParallel);
        return (Less(Margins.UsualExpertLoad, bound), Less(Margins.MostExpertLoad, bound));
    }

    private static Ratio Less(Ratio a, Ratio b) => (Int128)a.Numerator * b.Denominator <= (Int128)b.Numerator * a.Denominator ? a : b;
}
