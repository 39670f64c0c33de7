namespace GpuMem.Serving;

/// <summary>All parts of one rank's memory while it serves, by phase.</summary>
internal readonly struct ServedMemory
{
    private readonly ServedRank _rank;
    private readonly Amount _weights;
    private readonly KeyValueCache _cache;

    public ServedMemory(in ServedRank rank)
    {
        _rank = rank;
        _weights = ServedWeights.Of(rank);
        _cache = new KeyValueCache(rank);
    }

    public KeyValueCache Cache => _cache;

    /// <summary>What is certain to be needed: weights and the cache of the sequences asked for. No storage, known or not, has less than a bit per weight.</summary>
    public long Least => checked((_rank.Spec.StorageIsKnown ? _weights.Expected : _weights.Expected / 16) + (_rank.Spec.Batch * _cache.OfSequence(_rank.Spec.SequenceLength)));

    private bool Grows => _rank.Spec.GrowingCache ?? _rank.Spec.Engine == InferenceEngine.HuggingFace;

    /// <summary>Everything but the cache, as an engine counts before it fills the rest with cache.</summary>
    public long BesideCache
    {
        get
        {
            var spec = _rank.Spec;
            return checked(Engine + EngineOverheads.CudaGraphs(spec).Expected + ProcessOverhead.CudaContext.Expected + EngineOverheads.Nccl(spec).Expected);
        }
    }

    /// <summary>What the engine itself allocates before its cache: weights, adapters and the largest pass.</summary>
    public long Engine => checked(Loaded + LargestPass);

    /// <summary>Weights and the room for adapters.</summary>
    public long Loaded => checked(_weights.Expected + EngineOverheads.LoraSlots(_rank));

    private long LargestPass => _rank.Spec.Engine switch
    {
        InferenceEngine.LlamaCpp => Engines.LlamaCpp.ComputeBuffer(_rank),
        var engine when EngineOverheads.Serves(engine) => PassActivations.OfEngine(_rank),
        _ => Math.Max(PromptPeak().Activations, PromptPeak().Logits),
    };

    public PhaseMemory In(Phase phase, out TermAmounts terms)
    {
        var spec = _rank.Spec;
        terms = default;
        terms.Add(TermKind.Weights, _weights);
        terms.Add(TermKind.Adapters, Amount.Exactly(EngineOverheads.LoraSlots(_rank)));
        terms.Add(TermKind.CudaGraphs, EngineOverheads.CudaGraphs(spec));
        terms.Add(TermKind.KeyValueCache, CacheAt(phase));
        if (EngineOverheads.Serves(spec.Engine))
        {
            terms.Add(TermKind.Activations, Margins.OfEnginePass(LargestPass));
        }
        else if (spec.Engine == InferenceEngine.LlamaCpp)
        {
            terms.Add(TermKind.Activations, Margins.OfPass(LargestPass));
        }
        else
        {
            Transient(phase, ref terms);
        }

        return Complete(phase, ref terms);
    }

    private Amount CacheAt(Phase phase)
    {
        checked
        {
            var spec = _rank.Spec;
            var prompt = phase == Phase.Prefill && Grows;
            var tokens = prompt ? spec.InputLength : spec.SequenceLength;
            var whole = spec.Batch * _cache.OfSequenceWithoutWindow(tokens);

            // A sliding layer of transformers keeps all of a prompt alive until the next token (findings/transformers-sliding-prompt.sh).
            var bytes = prompt && spec.Engine == InferenceEngine.HuggingFace ? whole : spec.Batch * _cache.OfSequence(tokens);
            var most = spec.Engine == InferenceEngine.HuggingFace ? whole : bytes;
            var block = spec.Batch * _cache.PerToken * (_cache.Page - 1);
            return Margins.OfCache(bytes, most) + new Amount(0, block);
        }
    }

    private void Transient(Phase phase, ref TermAmounts terms)
    {
        if (phase == Phase.Prefill)
        {
            // Layers are done when logits are made, so only one of the two is alive.
            var (activations, logits) = PromptPeak();
            terms.Add(activations >= logits ? TermKind.Activations : TermKind.Logits, Margins.OfPass(Math.Max(activations, logits)));
            return;
        }

        // A layer's cache is written anew, one token longer, while the old one is still there.
        var rewritten = Grows ? checked(_rank.Spec.Batch * _rank.Spec.SequenceLength * _cache.Width) : 0;
        var (layer, head) = PassActivations.Expanded(_rank);
        terms.Add(TermKind.Activations, Margins.OfPass(Math.Max(checked(rewritten + layer), head)));
    }

    private (long Activations, long Logits) PromptPeak()
    {
        var (layer, head) = PassActivations.Expanded(_rank);
        return checked((PassActivations.OfPrompt(_rank) + layer, PassActivations.LogitsOfPrompt(_rank) + head));
    }

    private PhaseMemory Complete(Phase phase, ref TermAmounts terms)
    {
        checked
        {
            var spec = _rank.Spec;
            var allocated = terms.Sum;

            // Blocks that a growing cache has outgrown are too small for the next and stay reserved: as much again as the cache.
            var outgrown = phase == Phase.Decode && Grows ? terms[TermKind.KeyValueCache].Expected : 0;
            if (!EngineOverheads.Serves(spec.Engine))
                terms.Add(TermKind.Fragmentation, Amount.Exactly(outgrown) + AllocatorSlack.Of(AllocatorUse.Serving).Over(allocated));
            return PhaseMemory.Of(ref terms, allocated, EngineOverheads.Nccl(spec));
        }
    }
}
