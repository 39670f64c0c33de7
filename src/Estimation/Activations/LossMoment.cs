namespace GpuMem.Estimation.Activations;

/// <summary>
/// What is alive beside all stored activations at the worst moment around the loss. In transformers there are three: forward has ended and every cast
/// that autocast made is cached; the loss runs backward; the output matrix does, which makes its gradient (hack/oracle.sh shows each of them lead).
/// </summary>
internal struct LossMoment
{
    private Moment _worst;

    public LossMoment(in RankContext rank)
    {
        Gathered = GatheredParameters.Of(rank, GatheredAt.Loss);
        if (!rank.Stage.IsLast)
            return;
        var (expected, most) = LogitsMemory.PerLogit(rank);
        var (sum, logits) = (LogitsMemory.With(rank, expected).Whole, checked(rank.ScoredTokens * rank.Shape.Vocabulary));
        Logits = new Amount(sum, checked(sum - expected.Of(logits) + most.Of(logits)));
        var (atLoss, upper) = (Gathered, checked(Logits.Upper + Gathered.Upper));
        if (MegatronLayer.Knows(rank))
        {
            Lead(rank, Moment.HeadBackward, atLoss, ref upper);
        }
        else if (TransformersLayer.Knows(rank) && rank.Training.Loss == LossKernel.Full)
        {
            Lead(rank, Moment.ForwardEnd, GatheredParameters.Of(rank, GatheredAt.ForwardEnd), ref upper);
            if (!rank.IsAdapted && !rank.IsFullySharded)
                Lead(rank, Moment.HeadBackward, atLoss, ref upper);
        }

        // The bound covers all of them, whichever leads.
        Logits = Logits with { Upper = upper - Gathered.Upper - HeadGradient };
    }

    private enum Moment
    {
        Loss,
        ForwardEnd,
        HeadBackward,
    }

    public Amount Logits { get; private set; }

    /// <summary>Casts and gathered weights.</summary>
    public Amount Gathered { get; private set; }

    /// <summary>Of the output matrix, where it is made already.</summary>
    public long HeadGradient { get; private set; }

    /// <summary>When in the step it is.</summary>
    public readonly GatheredAt GatheredAt => _worst == Moment.ForwardEnd ? GatheredAt.ForwardEnd : GatheredAt.Loss;

    /// <summary>What <see cref="Logits"/> are made of.</summary>
    public readonly Explanation Explain(in RankContext rank) => rank.Stage.IsLast ? At(rank, _worst).Explain() : Explanation.None;

    public readonly Explanation ExplainHeadGradient(in RankContext rank) => HeadGradientAt(rank, _worst).Explain();

    /// <summary>Takes another moment for the worst when it is worse than the one so far.</summary>
    private void Lead(in RankContext rank, Moment moment, Amount gathered, ref long upper)
    {
        var (bytes, gradient) = (At(rank, moment).Whole, HeadGradientAt(rank, moment).Whole);
        upper = Math.Max(upper, checked(bytes + gathered.Upper + gradient));
        if (checked(bytes + gathered.Expected + gradient) > checked(Logits.Expected + Gathered.Expected + HeadGradient))
            (_worst, Logits, Gathered, HeadGradient) = (moment, Amount.Exactly(bytes), gathered, gradient);
    }

    private static Formula At(in RankContext rank, Moment moment) => moment switch
    {
        Moment.Loss => LogitsMemory.With(rank, LogitsMemory.PerLogit(rank).Expected),
        Moment.ForwardEnd => ForwardEnd(rank),
        _ => HeadBackward(rank),
    };

    /// <summary>Logits, their fp32 copy where they are no fp32, and log-softmax; of the fp32 stream what the last norm made of it besides.</summary>
    private static Formula ForwardEnd(in RankContext rank)
    {
        var copies = rank.Training.ScoresTokens ? 0 : rank.LosesInOwnType ? rank.LogitBytes + rank.LikelihoodBytes : rank.LogitBytes < 4 ? rank.LogitBytes + 8 : 8;
        return Head(rank, "β · T · V at the end of forward + inputs of final norm and head", copies + LogitsMemory.Softcap(rank), rank.CastsWeights ? checked(4 * rank.Tokens * rank.Shape.Hidden) : 0);
    }

    /// <summary>In Megatron-LM logits in fp32 are gone when the output matrix runs backward on a gradient of the compute type; those of the fused loss are that gradient.</summary>
    private static Formula HeadBackward(in RankContext rank) => MegatronLayer.Knows(rank)
        ? Head(rank, "β · T · V / t + inputs of final norm and head, and the gradient of theirs", rank.Recipe.Compute + LogitsMemory.OfModules(rank), MegatronLayer.Head(rank))
        : Head(rank, "β · T · V in the head's backward + its inputs and their gradient", rank.HeldOutputs + (CastsHeadGradient(rank) ? 0 : rank.LogitBytes), checked(rank.Recipe.Compute * rank.Tokens * rank.Shape.Hidden));

    /// <summary>The gradients of both factors; autocast's is cast to the weight's type when that of the logits is gone, and the weight's own cast, whose room it has.</summary>
    private static Formula HeadGradientAt(in RankContext rank, Moment moment) => moment == Moment.HeadBackward && !MegatronLayer.Knows(rank)
        ? new("β · V · h, the output matrix's gradient", rank.Recipe.SourceText, new(CastsHeadGradient(rank) ? 4 : rank.Recipe.Compute, rank.Shape.Vocabulary, rank.Shape.Hidden))
        : default;

    private static bool CastsHeadGradient(in RankContext rank) => rank.CastsWeights && checked((4 - rank.Recipe.Compute) * rank.Shape.Hidden) > checked(rank.LogitBytes * rank.ScoredTokens);

    private static Formula Head(in RankContext rank, string symbols, long perLogit, long beside) =>
        new(symbols, LogitsMemory.Source(rank), new(perLogit, rank.ScoredTokens, rank.Shape.Vocabulary), new(1, LogitsMemory.Inputs(rank)), new(1, beside));
}
