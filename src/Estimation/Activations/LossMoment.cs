using GpuMem.Estimation.Buffers;

namespace GpuMem.Estimation.Activations;

/// <summary>
/// What is alive beside all stored activations at the worst moment around the loss. In transformers there are three: forward has ended and every cast
/// that autocast made is cached; the loss runs backward; the output matrix does, which makes its gradient (hack/oracle.sh shows each of them lead).
/// </summary>
internal readonly struct LossMoment
{
    public LossMoment(in RankContext rank, int hiddenParts, in GatheredParameters gathered)
    {
        (Logits, Gathered, HeadGradient) = (LogitsMemory.Of(rank, hiddenParts), gathered.Loss, default);
        if (rank.Stage.IsLast && MegatronLayer.Knows(rank))
            Logits = BesideHead(rank, Logits, hiddenParts);
        if (!rank.Stage.IsLast || !TransformersLayer.Knows(rank) || rank.Training.Loss != LossKernel.Full)
            return;
        checked
        {
            var (logits, hidden) = (rank.ScoredTokens * rank.Shape.Vocabulary, rank.Tokens * rank.Shape.Hidden);
            var (inputs, softcap) = (LogitsMemory.Inputs(rank, hiddenParts), LogitsMemory.Softcap(rank));
            var (leading, upper) = (Logits.Expected + Gathered.Expected, Logits.Upper + Gathered.Upper);

            // Logits, their fp32 copy where they are no fp32, and log-softmax; of the fp32 stream what the last norm made of it besides.
            var copies = rank.Training.ScoresTokens ? 0 : rank.LogitBytes < 4 ? rank.LogitBytes + 8 : 8;
            var forward = ((copies + softcap) * logits) + inputs + (rank.CastsWeights ? 4 * hidden : 0);
            upper = Math.Max(upper, forward + gathered.Forward.Upper);
            if (forward + gathered.Forward.Expected > leading)
            {
                (Logits, Gathered) = (Amount.Exactly(forward), gathered.Forward);
                leading = forward + gathered.Forward.Expected;
            }

            if (!rank.IsAdapted && !rank.IsFullySharded)
            {
                // The gradient of the logits and those of both factors; autocast's is cast to the weight's type when the former is gone.
                var matrix = rank.Shape.Vocabulary * rank.Shape.Hidden;
                var remaining = ((rank.HeldOutputs + rank.LogitBytes) * logits) + inputs + (rank.Recipe.Compute * hidden);
                var gradient = rank.Recipe.Compute * matrix;
                if (rank.CastsWeights && 4 * matrix > rank.LogitBytes * logits)
                    (remaining, gradient) = (remaining - (rank.LogitBytes * logits), gradient + (4 * matrix));
                upper = Math.Max(upper, remaining + gradient + gathered.Loss.Upper);
                if (remaining + gradient + gathered.Loss.Expected > leading)
                    (Logits, Gathered, HeadGradient) = (Amount.Exactly(remaining), gathered.Loss, Amount.Exactly(gradient));
            }

            // The bound covers all three, whichever leads.
            Logits = Logits with { Upper = upper - Gathered.Upper - HeadGradient.Upper };
        }
    }

    /// <summary>Logits in fp32 are gone when the output matrix runs backward on a gradient of the compute type; those of the fused loss are that gradient.</summary>
    private static Amount BesideHead(in RankContext rank, Amount loss, int hiddenParts)
    {
        var gradient = checked(rank.Recipe.Compute * rank.ScoredTokens * rank.Shape.Vocabulary);
        var head = checked(gradient + LogitsMemory.Inputs(rank, hiddenParts) + MegatronLayer.Head(rank));
        return new Amount(Math.Max(loss.Expected, head), Math.Max(loss.Upper, head));
    }

    public Amount Logits { get; }

    /// <summary>Casts and gathered weights.</summary>
    public Amount Gathered { get; }

    public Amount HeadGradient { get; }
}
