using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation;

/// <summary>All parts of one rank's memory, and which of them are alive in which phase of a step.</summary>
internal readonly ref struct RankMemory
{
    private readonly ref readonly RankContext _rank;
    private readonly ModelStates _states;
    private readonly ActivationMemory _activations;
    private readonly GatheredParameters _gathered;
    private readonly CommunicationBuffers _communication;
    private readonly LossMoment _loss;
    private readonly Amount _temporaries;
    private readonly AllocatorSlack _slack;

    public RankMemory(in RankContext rank)
    {
        _rank = ref rank;
        _states = new ModelStates(rank);
        _activations = new ActivationMemory(rank);
        _gathered = new GatheredParameters(rank);
        _communication = new CommunicationBuffers(rank);
        _loss = new LossMoment(rank, _activations.HiddenParts, _gathered);
        _temporaries = OptimizerTemporaries.Of(rank, _states);
        _slack = AllocatorSlack.Of(rank.Job);
    }

    /// <summary>What is certain to be needed.</summary>
    public long Least => _states.Least;

    public long Weights => _states.Weights.Expected;

    /// <summary>What stays when a step is over.</summary>
    public long BetweenSteps => _states.Least - (_rank.Recipe.PersistentGradients && !_rank.StepsInBackward ? 0 : _states.Gradients.Expected) + _communication.Always.Expected;

    /// <summary>What this rank keeps off the GPU.</summary>
    public OffGpu OffGpu => _states.OffGpu.With(OffloadTarget.Host, _activations.OffGpu).With(OffloadTarget.Host, Amount.Exactly(StagingBuffers.Of(_rank).Host));

    public PhaseMemory In(Phase phase) => In(phase, out _);

    /// <param name="phase">A moment of the step.</param>
    /// <param name="terms">What is alive then, by kind.</param>
    public PhaseMemory In(Phase phase, out TermAmounts terms)
    {
        terms = default;
        terms[TermKind.Weights] = _states.Weights;
        terms[TermKind.Adapters] = _states.Adapters;
        terms[TermKind.MasterWeights] = _states.Master;
        terms[TermKind.OptimizerStates] = _states.Optimizer;
        terms[TermKind.MovingAverage] = _states.MovingAverage;
        terms[TermKind.ReferenceModel] = _states.ReferenceModel;
        terms[TermKind.CommunicationBuffers] = _communication.Always;

        var recomputes = _rank.Training.Recompute != Recompute.None;
        var gradients = _rank.PersistentGradients ? _states.Gradients : default;
        switch (phase)
        {
            case Phase.Loss:
                var scan = Amount.Exactly(_activations.ForwardSet);
                var scans = scan.Expected > _loss.Logits.Expected + _loss.HeadGradient.Expected;
                terms[TermKind.Gradients] = scans ? gradients : gradients + _loss.HeadGradient;
                terms[TermKind.GatheredParameters] = _loss.Gathered;
                terms[TermKind.Activations] = scans ? _activations.Stored + scan : _activations.Stored;
                terms[TermKind.Logits] = scans ? default : _loss.Logits;
                break;
            case Phase.BackwardStart:
                terms[TermKind.Gradients] = _rank.PersistentGradients ? gradients : FirstGradient();
                terms[TermKind.GatheredParameters] = _gathered.Backward + _gathered.HeadGradient;
                terms[TermKind.Activations] = _activations.Stored;
                terms[TermKind.Recomputation] = recomputes ? _activations.OneLayer : default;
                terms[recomputes ? TermKind.Recomputation : TermKind.Activations] += _activations.WorkingSet;
                terms[TermKind.Logits] = HoldsOutputs ? Amount.Exactly(HeldOutputs.Whole) : default;
                terms[TermKind.CommunicationBuffers] += _communication.InLayer + _communication.Reduce;
                break;
            case Phase.BackwardEnd:
                terms[TermKind.GatheredParameters] = _gathered.BackwardEnd;
                terms[TermKind.Logits] = HoldsOutputs ? Amount.Exactly(HeldOutputs.Whole) : default;
                (terms[TermKind.Gradients], terms[recomputes ? TermKind.Recomputation : TermKind.Activations]) = LastGradients();
                terms[TermKind.CommunicationBuffers] += _communication.InLayer + _communication.Reduce;
                break;
            default:
                terms[TermKind.Gradients] = _states.Gradients;
                terms[TermKind.OptimizerTemporaries] = _temporaries;
                terms[TermKind.CommunicationBuffers] += _communication.Gather;
                break;
        }

        return Complete(phase, ref terms);
    }

    /// <summary>Adds what lies around the tensors: the allocator's slack and cache, the CUDA context and NCCL.</summary>
    private PhaseMemory Complete(Phase phase, ref TermAmounts terms)
    {
        var allocated = terms.Sum();
        var slack = _slack.Over(allocated);
        terms[TermKind.Fragmentation] = slack;
        var reserved = allocated + slack;

        // FSDP frees gradient shards, but on the stream of its reduce-scatter; the caching allocator keeps blocks per stream,
        // so the next step's activations cannot take them (measured by torchtitan as reserved beyond active memory).
        if (_rank.IsFullySharded && !_rank.PersistentGradients && phase is Phase.Loss or Phase.BackwardStart)
        {
            reserved += _states.Gradients - terms[TermKind.Gradients];
            terms[TermKind.Gradients] = _states.Gradients;
        }

        return PhaseMemory.Of(ref terms, allocated, reserved, ProcessOverhead.Nccl(_rank.Job.Parallelism));
    }

    /// <summary>Logits that the loop holds through backward, and the cache beside them.</summary>
    private Formula HeldOutputs => new("β · T · V held by the loop + its cache", _rank.Code.LossSource, new(_rank.HeldOutputs, _rank.ScoredTokens, _rank.Shape.Vocabulary), new(1, _activations.HeldCache));

    private bool HoldsOutputs => _rank is { Code.IsTransformers: true, Stage.IsLast: true, Training.Loss: LossKernel.Full };

    /// <summary>What the logits of a phase are made of.</summary>
    public Formula Logits(Phase phase) => phase == Phase.Loss ? _loss.Words : HeldOutputs;

    /// <summary>
    /// All gradients and what the first layer's backward works on. The embedding's comes after that, as large as the table, alone with the gradient of its
    /// output; where it is the output matrix, too, autograd adds the two gradients of one tensor into a third.
    /// </summary>
    private (Amount Gradients, Amount Activations) LastGradients()
    {
        var layer = _activations.OneLayer + _activations.WorkingSet;
        if (_rank is not { Code.IsTransformers: true, IsAdapted: false, IsFullySharded: false, Recipe: { PersistentGradients: false, ShardGradients: false }, StepsInBackward: false }
            || !_rank.Stage.IsFirst)
            return (_states.Gradients, layer);
        checked
        {
            var table = _rank.Recipe.Gradient * _rank.Shape.Vocabulary * _rank.Shape.Hidden;
            var tied = _rank.Model.TiedEmbeddings && _rank.Stage.IsLast;
            var last = tied ? Amount.Exactly((_rank.PersistentGradients ? 3 : 2) * table) : default;
            var stream = tied ? default : Amount.Exactly((_rank.WideResidual ? 4 : _rank.Recipe.Compute) * _rank.Tokens * _rank.Shape.Hidden);
            var missing = Amount.Exactly(_rank.PersistentGradients ? 0 : (tied ? 0 : table) + (_rank.Recipe.Gradient * _rank.Layer.Total));
            var (end, inside) = (_states.Gradients + last + stream, _states.Gradients - missing + layer);
            var upper = Math.Max(end.Upper, inside.Upper);
            return end.Expected > inside.Expected
                ? (_states.Gradients + last, stream with { Upper = upper - (_states.Gradients + last).Upper })
                : (_states.Gradients - missing, layer with { Upper = upper - (_states.Gradients - missing).Upper });
        }
    }

    /// <summary>Of the output matrix, when gradients are made as backward goes.</summary>
    private Amount FirstGradient() => _rank is { IsFullySharded: false, IsAdapted: false, Stage.IsLast: true, Recipe.ShardGradients: false }
        ? Amount.Exactly(checked(_rank.Recipe.Gradient * _rank.Shape.Vocabulary * _rank.Shape.Hidden))
        : default;
}

/// <summary>One rank's memory in one phase.</summary>
/// <param name="Allocated">Bytes in live tensors.</param>
/// <param name="Reserved">Bytes the allocator holds.</param>
/// <param name="Total">Of the whole process.</param>
/// <param name="Needed">Of the whole process, when the allocator has given back all it can.</param>
internal readonly record struct PhaseMemory(Amount Allocated, Amount Reserved, Amount Total, long Needed)
{
    /// <summary>What the allocator holds, and around it the CUDA context and NCCL.</summary>
    public static PhaseMemory Of(ref TermAmounts terms, Amount allocated, Amount reserved, Amount nccl)
    {
        (terms[TermKind.CudaContext], terms[TermKind.Nccl]) = (ProcessOverhead.CudaContext, nccl);
        var outside = ProcessOverhead.CudaContext + nccl;
        return new(allocated, reserved, reserved + outside, checked(allocated.Expected + outside.Expected));
    }
}
