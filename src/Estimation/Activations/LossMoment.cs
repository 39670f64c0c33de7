using GpuMem.Estimation.Buffers;

namespace GpuMem.Estimation.Activations;

/// <summary>
/// What is alive beside all stored activations at the worst moment around the loss. In transformers there are three: forward has ended and every cast
/// that autocast made is cached; the loss runs backward; the output matrix does, which makes its gradient (hack/oracle.sh shows each of them lead).
/// </summary>
internal struct LossMoment
{
    public LossMoment(in RankContext rank, int hiddenParts, in GatheredParameters gathered)
    {
        Gathered = gathered.Loss;
        if (!rank.Stage.IsLast)
            return;
        (Logits, Words) = (LogitsMemory.Of(rank, hiddenParts), LogitsMemory.With(rank, hiddenParts, LogitsMemory.PerLogit(rank).Expected));
        var (tokens, vocabulary) = (rank.ScoredTokens, rank.Shape.Vocabulary);
        var (logits, hidden, matrix) = checked((tokens * vocabulary, rank.Tokens * rank.Shape.Hidden, vocabulary * rank.Shape.Hidden));
        var inputs = LogitsMemory.Inputs(rank, hiddenParts);
        var upper = checked(Logits.Upper + Gathered.Upper);
        if (MegatronLayer.Knows(rank))
        {
            // Logits in fp32 are gone when the output matrix runs backward on a gradient of the compute type; those of the fused loss are that gradient.
            Lead(Head("β · T · V / t + inputs of final norm and head, and the gradient of theirs", rank.Recipe.Compute, MegatronLayer.Head(rank)), gathered.Loss, default, ref upper);
        }
        else if (TransformersLayer.Knows(rank) && rank.Training.Loss == LossKernel.Full)
        {
            // Logits, their fp32 copy where they are no fp32, and log-softmax; of the fp32 stream what the last norm made of it besides.
            var copies = rank.Training.ScoresTokens ? 0 : rank.LogitBytes < 4 ? rank.LogitBytes + 8 : 8;
            var stream = rank.CastsWeights ? checked(4 * hidden) : 0;
            Lead(Head("β · T · V at the end of forward + inputs of final norm and head", copies + LogitsMemory.Softcap(rank), stream), gathered.Forward, default, ref upper);
            if (!rank.IsAdapted && !rank.IsFullySharded)
            {
                // The gradient of the logits and those of both factors; autocast's is cast to the weight's type when the former is gone.
                var cast = rank.CastsWeights && 4 * matrix > rank.LogitBytes * logits;
                var gradient = Amount.Exactly(checked((rank.Recipe.Compute + (cast ? 4 : 0)) * matrix));
                var words = Head("β · T · V in the head's backward + its inputs and their gradient", rank.HeldOutputs + (cast ? 0 : rank.LogitBytes), checked(rank.Recipe.Compute * hidden));
                Lead(words, gathered.Loss, gradient, ref upper);
            }
        }

        // The bound covers all of them, whichever leads.
        Logits = Logits with { Upper = upper - Gathered.Upper - HeadGradient.Upper };
        return;

        Formula Head(string symbols, long perLogit, long beside) => new(symbols, "", new(perLogit, tokens, vocabulary), new(1, inputs), new(1, beside));
    }

    /// <summary>Takes another moment for the worst when it is worse than the one so far.</summary>
    private void Lead(in Formula words, Amount gathered, Amount headGradient, ref long upper)
    {
        var bytes = words.Whole;
        upper = Math.Max(upper, checked(bytes + gathered.Upper + headGradient.Upper));
        if (checked(bytes + gathered.Expected + headGradient.Expected) <= checked(Logits.Expected + Gathered.Expected + HeadGradient.Expected))
            return;
        (Words, Logits, Gathered, HeadGradient) = (words.From(Words.Source), Amount.Exactly(bytes), gathered, headGradient);
    }

    /// <summary>What <see cref="Logits"/> are made of.</summary>
    public Formula Words { get; private set; }

    public Amount Logits { get; private set; }

    /// <summary>Casts and gathered weights.</summary>
    public Amount Gathered { get; private set; }

    public Amount HeadGradient { get; private set; }
}
