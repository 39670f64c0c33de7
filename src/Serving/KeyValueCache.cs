using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>
/// The cache of one rank: what one token adds in layers that see the whole sequence and in layers with a window, and what a sequence keeps however long it is.
/// </summary>
internal readonly struct KeyValueCache
{
    private readonly InferenceSpec _spec;
    private readonly long _width;
    private readonly long _globalLayers;
    private readonly long _localLayers;
    private readonly long _crossLayers;
    private readonly long _draft;
    private readonly long _perSequence;
    private readonly long _page;
    private readonly long _group;
    private readonly CachedLayers[]? _groups;
    private readonly CompressedPages? _compressed;

    public KeyValueCache(in ServedRank rank)
    {
        checked
        {
            var model = rank.Model;
            _spec = rank.Spec;
            _draft = _spec.Draft is { } draft ? draft.Model.Layers * KeyValueWidth.Of(draft.Model, new RankShape(draft.Model, draft.Tensor), _spec) : 0;
            if (model.Parts is { } parts)
            {
                _groups = model.HasCache ? CachedLayers.Of(parts, rank) : [];
                _compressed = CompressedPages.Of(_groups, _spec);
                CachedLayers.Page(_groups, _spec, out _page);
                _width = _groups.Length == 0 ? 0 : _groups.Max(group => group.PerEntry / group.TokensPerEntry);
                return;
            }

            _width = model.HasCache ? KeyValueWidth.Of(model, rank.Shape, _spec) : 0;
            var layers = rank.Kinds.Dense + rank.Kinds.Experts;
            _localLayers = model.Window is { } window ? window.Layers * layers / model.Layers : 0;
            _globalLayers = layers - _localLayers + (_spec.PredictionModules && rank.Stage.IsLast ? model.PredictionModules : 0);
            _crossLayers = model.EncoderLayers > 0 ? layers : 0;
            _group = LayerGroups.Size(_spec, [(_globalLayers, true), (_localLayers, false), (rank.Kinds.StateSpace, false)]);
            var state = model.StateSpace is { } states
                ? StateBytes(_spec).Of(Ratio.DivideUp(states.CachedElements + CachedLayers.RolledTokens(_spec, states.ConvolutionChannels), _spec.Tensor))
                : 0;
            _page = Pages.SizeBeside(state, _globalLayers > 0 ? _width : 0, _spec);
            if (_spec.Engine == InferenceEngine.LlamaCpp)
                state *= LlamaCpp.States(_spec);
            _perSequence = Pages.RoundUp(rank.Kinds.StateSpace, _group) * (_globalLayers > 0 ? Pages.OfState(state, _page * _width, _spec) : state);
        }
    }

    /// <summary>Tokens per page.</summary>
    public long Page => _page;

    /// <summary>Entries and states lie in blocks of one pool, see <see cref="CompressedPages"/>.</summary>
    public bool IsPooled => _compressed is not null;

    /// <summary>Of one layer.</summary>
    public long Width => _width;

    /// <summary>Of all layers, while the sequence is shorter than any window.</summary>
    public long PerToken => checked(Ratio.DivideUp(
        _groups is null ? _width * (_globalLayers + _localLayers) : _groups.Sum(group => group.Count * group.PerEntry / group.TokensPerEntry), _spec.DecodeContext) + _draft);

    /// <summary>Bytes that a sequence keeps however long it is.</summary>
    public long PerSequence => _groups is null ? _perSequence : _groups.Sum(group => group.Count * group.State);

    public bool IsLinear => _groups is null ? _localLayers == 0 && _crossLayers == 0 && _perSequence == 0 : Array.TrueForAll(_groups, group => group is { Window: null, State: 0, TokensPerEntry: 1 });

    /// <summary>Bytes of one sequence whose cache has room for so many tokens.</summary>
    public long OfSequence(long tokens) => OfSequence(tokens, windows: true);

    /// <summary>Bytes of the engine's room for its cache that a sequence takes away, where pools of another kind keep their share of it.</summary>
    public long OfRoom(long tokens)
    {
        var (sum, states) = (OfSequence(tokens), PerSequence);
        return _spec.Engine != InferenceEngine.SGLang || states == 0 || sum == states ? sum
            : _spec.StateSlots is null ? SgLang.OfPools(sum - states, states, _spec)
            : sum - states;
    }

    /// <summary>Bytes of a pool of states whose size is stated; a sequence takes none of the rest for them.</summary>
    public long StatePool => checked(SlotsOfStates * PerSequence);

    /// <summary>Sequences that there are states for, where a number is stated; 0 where none is or nothing keeps states.</summary>
    public long SlotsOfStates => _spec is { Engine: InferenceEngine.SGLang, StateSlots: { } slots } && PerSequence > 0 ? slots : 0;

    /// <summary>Without windows: transformers kept whole sequences before its sliding caches, and keeps a whole prompt with them.</summary>
    public long OfSequenceWithoutWindow(long tokens) => OfSequence(tokens, windows: false);

    private long OfSequence(long tokens, bool windows)
    {
        checked
        {
            if (_groups is not null)
            {
                var sum = _draft * Pages.RoundUp(tokens, _page);
                if (_compressed is not null)
                    return sum + _compressed.OfSequence(tokens);
                foreach (var group in _groups)
                    sum += (windows ? group : group with { Window = null }).OfSequence(tokens, _page, _spec);
                return sum;
            }

            // An encoder's tokens are attended to by every layer of the decoder, whose own cache has its output only.
            var own = _crossLayers > 0 ? Math.Max(1, tokens - _spec.InputLength) : tokens;
            var cross = _crossLayers * _width * Math.Min(tokens, _spec.InputLength);
            var pages = Pages.RoundUp(Ratio.DivideUp(own, _spec.DecodeContext), _page);
            var local = _localLayers > 0 && windows ? Pages.OfWindow(own, _spec.Model.Window!.Tokens, _spec) : pages;
            return (_width * ((Pages.RoundUp(_globalLayers, _group) * pages) + (Pages.RoundUp(_localLayers, _group) * local))) + (_draft * pages) + cross + _perSequence;
        }
    }

    /// <summary>llama.cpp keeps states in fp32 (src/llama-memory-recurrent.cpp), others in the type that is stated or that of the weights.</summary>
    private static Ratio StateBytes(InferenceSpec spec) => spec.Engine == InferenceEngine.LlamaCpp ? Ratio.Whole(4) : ElementSizes.Of(spec.StateType ?? spec.Weights);
}
