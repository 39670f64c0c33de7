namespace GpuMem.Estimation.Activations;

/// <summary>
/// What is alive beside all stored activations at the worst moment around the loss. In transformers there are three: forward has ended and every cast
/// that autocast made is cached; the loss runs backward; the output matrix does, which makes its gradient (hack/oracle.sh shows each of them lead).
/// </summary>
internal struct LossMoment
{
    public LossMoment(in RankContext rank)
    {
        Moment = GatheredAt.Loss;
        Gathered = GatheredParameters.Of(rank, Moment);
        if (!rank.Stage.IsLast)
            return;
        var (expected, most) = LogitsMemory.PerLogit(rank);
        Words = LogitsMemory.With(rank, expected);
        var (sum, logits) = (Words.Whole, checked(rank.ScoredTokens * rank.Shape.Vocabulary));
        Logits = new Amount(sum, checked(sum - expected.Of(logits) + most.Of(logits)));
        var upper = checked(Logits.Upper + Gathered.Upper);
        if (MegatronLayer.Knows(rank))
        {
            // Logits in fp32 are gone when the output matrix runs backward on a gradient of the compute type; those of the fused loss are that gradient.
            Lead(Head(rank, "β · T · V / t + inputs of final norm and head, and the gradient of theirs", rank.Recipe.Compute + LogitsMemory.OfModules(rank), MegatronLayer.Head(rank)), Moment, Gathered, default, ref upper);
        }
        else if (TransformersLayer.Knows(rank) && rank.Training.Loss == LossKernel.Full)
        {
            // Logits, their fp32 copy where they are no fp32, and log-softmax; of the fp32 stream what the last norm made of it besides.
            var (atLoss, hidden, matrix) = checked((Gathered, rank.Tokens * rank.Shape.Hidden, rank.Shape.Vocabulary * rank.Shape.Hidden));
            var copies = rank.Training.ScoresTokens ? 0 : rank.LosesInOwnType ? rank.LogitBytes + rank.LikelihoodBytes : rank.LogitBytes < 4 ? rank.LogitBytes + 8 : 8;
            var forward = Head(rank, "β · T · V at the end of forward + inputs of final norm and head", copies + LogitsMemory.Softcap(rank), rank.CastsWeights ? checked(4 * hidden) : 0);
            Lead(forward, GatheredAt.ForwardEnd, GatheredParameters.Of(rank, GatheredAt.ForwardEnd), default, ref upper);
            if (!rank.IsAdapted && !rank.IsFullySharded)
            {
                // The gradient of the logits and those of both factors; autocast's is cast to the weight's type when the former is gone.
                var cast = rank.CastsWeights && 4 * matrix > rank.LogitBytes * logits;
                var gradient = new Formula("β · V · h, the output matrix's gradient", rank.Recipe.SourceText, new(rank.Recipe.Compute + (cast ? 4 : 0), rank.Shape.Vocabulary, rank.Shape.Hidden));
                var words = Head(rank, "β · T · V in the head's backward + its inputs and their gradient", rank.HeldOutputs + (cast ? 0 : rank.LogitBytes), checked(rank.Recipe.Compute * hidden));
                Lead(words, GatheredAt.Loss, atLoss, gradient, ref upper);
            }
        }

        // The bound covers all of them, whichever leads.
        Logits = Logits with { Upper = upper - Gathered.Upper - HeadGradient.Whole };
    }

    private static Formula Head(in RankContext rank, string symbols, long perLogit, long beside) =>
        new(symbols, LogitsMemory.Source(rank), new(perLogit, rank.ScoredTokens, rank.Shape.Vocabulary), new(1, LogitsMemory.Inputs(rank)), new(1, beside));

    /// <summary>Takes another moment for the worst when it is worse than the one so far.</summary>
    private void Lead(in Formula words, GatheredAt moment, Amount gathered, in Formula headGradient, ref long upper)
    {
        var (bytes, gradient) = (words.Whole, headGradient.Whole);
        upper = Math.Max(upper, checked(bytes + gathered.Upper + gradient));
        if (checked(bytes + gathered.Expected + gradient) > checked(Logits.Expected + Gathered.Expected + HeadGradient.Whole))
            (Words, Logits, Moment, Gathered, HeadGradient) = (words, Amount.Exactly(bytes), moment, gathered, headGradient);
    }

    /// <summary>What <see cref="Logits"/> are made of.</summary>
    public Formula Words { get; private set; }

    public Amount Logits { get; private set; }

    /// <summary>When in the step it is.</summary>
    public GatheredAt Moment { get; private set; }

    /// <summary>Casts and gathered weights.</summary>
    public Amount Gathered { get; private set; }

    /// <summary>Of the output matrix, where it is made already.</summary>
    public Formula HeadGradient { get; private set; }
}
