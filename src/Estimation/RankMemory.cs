namespace GpuMem.Estimation;

/// <summary>All parts of one rank's memory, and which of them are alive in which phase of a step.</summary>
internal readonly ref struct RankMemory
{
    private readonly ref readonly RankContext _rank;
    private readonly ModelStates _states;
    private readonly ValueModel _value;
    private readonly ActivationMemory _activations;
    private readonly CommunicationBuffers _communication;
    private readonly LossMoment _loss;
    private readonly Amount _gathered;
    private readonly Amount _headGradient;
    private readonly Amount _heldOutputs;
    private readonly Amount _nccl;
    private readonly Amount _temporaries;
    private readonly AllocatorSlack _slack;
    private readonly TermSum _always;

    public RankMemory(in RankContext rank)
    {
        _rank = ref rank;
        _states = new ModelStates(rank);
        if (ValueModel.Is(rank))
            _value = new ValueModel(rank);
        _activations = new ActivationMemory(rank);
        _communication = new CommunicationBuffers(rank);
        _loss = new LossMoment(rank);
        _headGradient = Amount.Exactly(_loss.HeadGradient);
        _gathered = GatheredParameters.Of(rank, GatheredAt.Backward);
        if (rank.Code.IsTransformers && rank.Stage.IsLast && rank.Training.Loss == LossKernel.Full)
            _heldOutputs = Amount.Exactly(HeldOutputs.Whole);
        _temporaries = OptimizerTemporaries.Of(rank, _states);
        _slack = AllocatorSlack.Of(rank.Job);
        _nccl = ProcessOverhead.Nccl(rank.Job.Parallelism);
        AddAlways(ref _always);
    }

    /// <summary>What is certain to be needed.</summary>
    public long Least => checked(_states.Least + _value.States.Expected + _value.Gradients.Expected);

    public long Weights => _states.Weights.Expected;

    /// <summary>What stays when a step is over.</summary>
    public long BetweenSteps => (_rank.Training.Offload.BetweenSteps ? 0 : Kept.Expected + _value.States.Expected)
        + _states.ReferenceModel.Expected + _states.RewardModel.Expected + _communication.Always.Expected;

    /// <summary>What this rank keeps off the GPU, now or when other models work.</summary>
    public OffGpu OffGpu
    {
        get
        {
            var off = _states.OffGpu.With(OffloadTarget.Host, _activations.OffGpu).With(OffloadTarget.Host, Amount.Exactly(StagingBuffers.Of(_rank).Host));
            off = off.With(OffloadTarget.Host, new(_value.OffGpu.Host, _value.OffGpu.Host)).With(OffloadTarget.NVMe, new(_value.OffGpu.Nvme, _value.OffGpu.Nvme));
            return _rank.Training.Offload.BetweenSteps ? off.With(OffloadTarget.Host, Kept) : off;
        }
    }

    /// <summary>Of the model that is trained, from one step to the next.</summary>
    private Amount Kept => _states.Weights + _states.Adapters + _states.Master + _states.Optimizer + _states.MovingAverage
        + (_rank.Recipe.PersistentGradients && !_rank.StepsInBackward ? _states.Gradients : default);

    /// <summary>Sizes alone: nobody asks of what kinds they are while jobs are compared.</summary>
    public PhaseMemory In(Phase phase)
    {
        var sum = _always;
        return In(phase, ref sum);
    }

    /// <param name="phase">A moment of the step.</param>
    /// <param name="terms">What is alive then, by kind.</param>
    public PhaseMemory In(Phase phase, out TermAmounts terms)
    {
        terms = default;
        AddAlways(ref terms);
        return In(phase, ref terms);
    }

    private void AddAlways<T>(ref T terms)
        where T : struct, ITermTotal
    {
        terms.Add(TermKind.Weights, _states.Weights);
        terms.Add(TermKind.Adapters, _states.Adapters);
        terms.Add(TermKind.MasterWeights, _states.Master);
        terms.Add(TermKind.OptimizerStates, _states.Optimizer);
        terms.Add(TermKind.MovingAverage, _states.MovingAverage);
        terms.Add(TermKind.ReferenceModel, _states.ReferenceModel);
        terms.Add(TermKind.ValueModel, _value.States);
        terms.Add(TermKind.RewardModel, _states.RewardModel);
        terms.Add(TermKind.CommunicationBuffers, _communication.Always);
    }

    private PhaseMemory In<T>(Phase phase, ref T terms)
        where T : struct, ITermTotal
    {
        var recomputes = _rank.Training.Recompute != Recompute.None;
        var gradients = _states.Gradients;
        switch (phase)
        {
            case Phase.Loss:
                gradients = PersistentGradients + (ForwardLeads ? default : _headGradient);
                terms.Add(TermKind.GatheredParameters, _loss.Gathered);
                terms.Add(TermKind.Activations, Stored + (ForwardLeads ? Amount.Exactly(_activations.ForwardSet) : default));
                terms.Add(TermKind.Logits, ForwardLeads ? default : _loss.Logits);
                break;
            case Phase.BackwardStart:
                gradients = !_rank.PersistentGradients && StartsWithHead ? Amount.Exactly(FirstGradient.Whole) : PersistentGradients;
                terms.Add(TermKind.GatheredParameters, _rank.IsFullySharded ? _gathered + Amount.Exactly(GatheredParameters.HeadGradient(_rank).Whole) : _gathered);
                terms.Add(TermKind.Activations, Stored);
                terms.Add(TermKind.Recomputation, recomputes ? _activations.Again : default);
                terms.Add(recomputes ? TermKind.Recomputation : TermKind.Activations, _activations.WorkingSet);
                terms.Add(TermKind.Logits, _heldOutputs);
                terms.Add(TermKind.CommunicationBuffers, _communication.InLayer + _communication.Reduce);
                break;
            case Phase.BackwardEnd:
                var gathered = FirstGathered;
                var embedding = EndsAtEmbedding(gathered);
                (gradients, var last) = LastGradients(embedding, gathered);
                terms.Add(recomputes && !embedding ? TermKind.Recomputation : TermKind.Activations, last);
                terms.Add(TermKind.GatheredParameters, embedding ? default : gathered);
                terms.Add(TermKind.Logits, _heldOutputs);
                terms.Add(TermKind.CommunicationBuffers, _communication.InLayer + _communication.Reduce);
                terms.Add(ValueWaits ? TermKind.Activations : TermKind.ValueModel, ValueWaits ? _value.Activations : _value.Gradients);
                break;
            default:
                terms.Add(TermKind.ValueModel, _value.Gradients);
                terms.Add(TermKind.OptimizerTemporaries, _temporaries + _value.Temporaries);
                terms.Add(TermKind.CommunicationBuffers, _communication.Gather);
                break;
        }

        terms.Add(TermKind.Gradients, gradients);
        terms.Add(TermKind.Activations, _value.Held);

        // What lies around the tensors: the allocator's slack and cache, the CUDA context and NCCL.
        var allocated = terms.Sum;
        terms.Add(TermKind.Fragmentation, _slack.Over(allocated));

        // FSDP frees gradient shards, but on the stream of its reduce-scatter; the caching allocator keeps blocks per stream,
        // so the next step's activations cannot take them (measured by torchtitan as reserved beyond active memory).
        if (_rank.IsFullySharded && !_rank.PersistentGradients && phase is Phase.Loss or Phase.BackwardStart)
            terms.Add(TermKind.Gradients, _states.Gradients - gradients);
        return PhaseMemory.Of(ref terms, allocated, _nccl);
    }

    private Amount PersistentGradients => _rank.PersistentGradients ? _states.Gradients : default;

    /// <summary>Of a value model in the same pass, too.</summary>
    private Amount Stored => _activations.Stored + _value.Activations;

    /// <summary>Backward comes to the policy first, which was the last to run forward: by its end the other has its activations still, and later its gradients.</summary>
    private bool ValueWaits => _value.Activations.Expected > _value.Gradients.Expected;

    /// <summary>Logits that the loop holds through backward, and the cache beside them.</summary>
    private Formula HeldOutputs => new("β · T · V held by the loop + its cache", _rank.Code.LossSource, new(_rank.HeldOutputs, _rank.ScoredTokens, _rank.Shape.Vocabulary), new(1, _activations.HeldCache));

    /// <summary>Beside all stored activations the last layer's forward needs more than the loss.</summary>
    private bool ForwardLeads => _activations.ForwardSet > checked(_loss.Logits.Expected + _headGradient.Expected);

    /// <summary>
    /// All gradients and what the first layer's backward works on. The embedding's comes when that and casts of the layer's weights are gone, as large as the
    /// table, alone with the gradient of its output; where it is the output matrix, too, autograd adds the two gradients of one tensor into a third.
    /// </summary>
    private (Amount Gradients, Amount Activations) LastGradients(bool embedding, Amount gathered)
    {
        var layer = _activations.OneLayer + _activations.WorkingSet;
        if (!EmbeddingComesLast)
            return (_states.Gradients, layer);
        checked
        {
            var (end, inside) = (_states.Gradients + Amount.Exactly(TiedTable.Whole), _states.Gradients - Amount.Exactly(ToCome.Whole));
            var upper = Math.Max(end.Upper + EmbeddingOutput.Whole, inside.Upper + layer.Upper + gathered.Upper);
            return embedding
                ? (end, new Amount(EmbeddingOutput.Whole, upper - end.Upper))
                : (inside, layer with { Upper = upper - inside.Upper - gathered.Upper });
        }
    }

    /// <summary>Whole copies of the first layer's weights while it runs backward.</summary>
    private Amount FirstGathered => _rank.CastsWeights ? GatheredParameters.Of(_rank, GatheredAt.BackwardEnd) : _gathered;

    private bool EmbeddingComesLast => _rank.Code.IsTransformers && !_rank.IsFullySharded && !_rank.Recipe.PersistentGradients && !_rank.Recipe.ShardGradients
        && _rank.Stage.IsFirst && !_rank.IsAdapted && !_rank.StepsInBackward;

    /// <summary>The embedding's gradient takes more than the first layer's backward.</summary>
    private bool EndsAtEmbedding(Amount gathered) => EmbeddingComesLast && checked(TiedTable.Whole + EmbeddingOutput.Whole + ToCome.Whole)
        > checked(_activations.OneLayer.Expected + _activations.WorkingSet.Expected + gathered.Expected);

    private bool TiesHead => _rank.Model.TiedEmbeddings && _rank.Stage.IsLast;

    /// <summary>The table's gradients beside the one that stays.</summary>
    private Formula TiedTable => new("β · V · h of a tied table, added up", "torch.autograd", new(_rank.Recipe.Gradient, TiesHead ? _rank.Shape.Vocabulary : 0, (_rank.PersistentGradients ? 3 : 2) * _rank.Shape.Hidden));

    /// <summary>The gradient of the embedding's output.</summary>
    private Formula EmbeddingOutput => new("β · T · h, gradient of the embedding's output", "torch.autograd", new(_rank.WideResidual ? 4 : _rank.Recipe.Compute, TiesHead ? 0 : _rank.Tokens, _rank.Shape.Hidden));

    /// <summary>Of the first layer and of a table that is not tied, while that layer runs backward.</summary>
    private Formula ToCome => new(
        "β · N of those to come",
        "torch.autograd",
        new(_rank.Recipe.Gradient, _rank.PersistentGradients || TiesHead ? 0 : _rank.Shape.Vocabulary, _rank.Shape.Hidden),
        new(_rank.Recipe.Gradient, _rank.PersistentGradients ? 0 : _rank.Layer.Total));

    /// <summary>Of the output matrix, when gradients are made as backward goes.</summary>
    private Formula FirstGradient => new(
        "β · V · h: the output matrix comes first",
        _rank.Recipe.SourceText,
        new(_rank.Recipe.Gradient, StartsWithHead ? _rank.Shape.Vocabulary : 0, _rank.Shape.Hidden));

    private bool StartsWithHead => !_rank.IsFullySharded && !_rank.Recipe.ShardGradients && _rank.Stage.IsLast && !_rank.IsAdapted;

    /// <summary>Formula, numbers and source of one kind of memory in a phase: what <see cref="In(Phase)"/> adds up.</summary>
    public Explanation Explain(TermKind kind, Phase phase) => kind switch
    {
        TermKind.Weights => ModelStates.WeightsOf(_rank).Explain() + ModelStates.MaskTablesOf(_rank).Explain(),
        TermKind.MasterWeights => ModelStates.MasterOf(_rank).Explain(),
        TermKind.OptimizerStates => ModelStates.OptimizerOf(_rank).Explain(),
        TermKind.Adapters => ModelStates.AdaptersOf(_rank).Explain(),
        TermKind.MovingAverage => ModelStates.MovingAverageOf(_rank).Explain(),
        TermKind.ReferenceModel => ModelStates.ReferenceOf(_rank).Explain(),
        TermKind.RewardModel => ModelStates.RewardOf(_rank).Explain(),
        TermKind.ValueModel => ValueModel.ExplainStates(_rank) + (HasValueGradients(phase) ? ValueModel.ExplainGradients(_rank) : Explanation.None),
        TermKind.Gradients => ExplainGradients(phase),
        TermKind.GatheredParameters => phase switch
        {
            Phase.Loss => GatheredParameters.Explain(_rank, _loss.GatheredAt),
            Phase.BackwardStart => GatheredParameters.Explain(_rank, GatheredAt.Backward) + GatheredParameters.HeadGradient(_rank).Explain(),
            _ => EndsAtEmbedding(FirstGathered) ? Explanation.None : GatheredParameters.Explain(_rank, GatheredAt.BackwardEnd),
        },
        TermKind.Activations => phase switch
        {
            Phase.Loss => ExplainStored() + (ForwardLeads ? _activations.ExplainForwardSet() : Explanation.None),
            Phase.BackwardStart => ExplainStored() + (_rank.Training.Recompute == Recompute.None ? _activations.ExplainWorkingSet() : Explanation.None),
            Phase.BackwardEnd when _rank.Training.Recompute != Recompute.None && !EndsAtEmbedding(FirstGathered) => ExplainWaiting(),
            Phase.BackwardEnd => ExplainLastLayer() + ExplainWaiting(),
            _ => Explanation.None,
        } + (_value.Held.Expected > 0 ? ValueModel.ExplainHeld(_rank) : Explanation.None),
        TermKind.Recomputation => phase == Phase.BackwardEnd ? ExplainLastLayer() : _activations.ExplainAgain(_rank),
        TermKind.Logits => phase == Phase.Loss ? _loss.Explain(_rank) : HeldOutputs.Explain(),
        TermKind.CommunicationBuffers => CommunicationBuffers.Explain(_rank, phase),
        TermKind.OptimizerTemporaries => OptimizerTemporaries.Explain(_rank) + (_value.Temporaries.Upper > 0 ? ValueModel.ExplainTemporaries(_rank) : Explanation.None),
        TermKind.Fragmentation => _slack.Explain("slack % × allocated; the upper bound also covers other phases and unknown dimensions"),
        TermKind.CudaContext => ProcessOverhead.ExplainContext(),
        _ => ProcessOverhead.ExplainNccl(ProcessOverhead.Communicators(_rank.Job.Parallelism), _nccl),
    };

    /// <summary>Of a value model whose backward comes later.</summary>
    private Explanation ExplainWaiting() => ValueWaits ? ValueModel.ExplainActivations(_rank) : Explanation.None;

    private bool HasValueGradients(Phase phase) => _value.Gradients.Expected > 0 && (phase == Phase.OptimizerStep || (phase == Phase.BackwardEnd && !ValueWaits));

    private Explanation ExplainStored() =>
        _activations.ExplainStored(_rank) + (_value.Activations.Expected > 0 ? ValueModel.ExplainActivations(_rank) : Explanation.None);

    private Explanation ExplainLastLayer() => EndsAtEmbedding(FirstGathered) ? EmbeddingOutput.Explain() : _activations.ExplainOneLayer(_rank);

    private Explanation ExplainGradients(Phase phase)
    {
        var all = ModelStates.GradientsOf(_rank);
        return phase switch
        {
            Phase.BackwardEnd when EmbeddingComesLast => EndsAtEmbedding(FirstGathered) ? all.Explain() + TiedTable.Explain() : all.Explain() - ToCome.Explain(),
            Phase.Loss or Phase.BackwardStart when !_rank.PersistentGradients && !_rank.IsFullySharded => phase == Phase.Loss ? _loss.ExplainHeadGradient(_rank) : FirstGradient.Explain(),
            Phase.Loss or Phase.BackwardStart when !_rank.PersistentGradients => all.Explain() with
            {
                Source = "freed, but kept by the caching allocator on the stream of the reduce-scatter; pytorch/torchtitan, reserved against active memory",
            },
            Phase.Loss => all.Explain() + (ForwardLeads ? Explanation.None : _loss.ExplainHeadGradient(_rank)),
            _ => all.Explain(),
        };
    }
}

/// <summary>One rank's memory in one phase.</summary>
/// <param name="Allocated">Bytes in live tensors.</param>
/// <param name="Reserved">Bytes the allocator holds.</param>
/// <param name="Total">Of the whole process.</param>
/// <param name="Needed">Of the whole process, when the allocator has given back all it can.</param>
internal readonly record struct PhaseMemory(Amount Allocated, Amount Reserved, Amount Total, long Needed)
{
    /// <summary>What the allocator holds, and around it the CUDA context and NCCL.</summary>
    public static PhaseMemory Of<T>(ref T terms, Amount allocated, Amount nccl)
        where T : struct, ITermTotal
    {
        var reserved = terms.Sum;
        terms.Add(TermKind.CudaContext, ProcessOverhead.CudaContext);
        terms.Add(TermKind.Nccl, nccl);
        return new(allocated, reserved, terms.Sum, checked(allocated.Expected + ProcessOverhead.CudaContext.Expected + nccl.Expected));
    }
}
