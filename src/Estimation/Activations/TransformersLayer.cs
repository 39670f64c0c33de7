using System.Numerics;

namespace GpuMem.Estimation.Activations;

/// <summary>
/// Bytes per token that one layer of huggingface/transformers saves for backward, read operation by operation in
/// <c>src/transformers/models/*/modeling_*.py</c> of release 5 and compared with real steps (hack/oracle.sh). Bytes, not elements.
/// </summary>
internal readonly ref struct TransformersLayer
{
    private readonly ref readonly RankContext _rank;
    private readonly ModelArchitecture _model;
    private readonly LayerKind _kind;
    private readonly TransformersAttention _attention;
    private readonly Ratio _imbalance;

    // Of what attention reads, of the stream between modules, and of what products return: alike, but for autocast over fp32 weights, and quantised layers,
    // which return the type of their input (bitsandbytes nn/modules.py, Linear4bit).
    private readonly int _compute;
    private readonly int _stream;
    private readonly int _products;

    /// <param name="rank">The rank.</param>
    /// <param name="kind">The kind of layer.</param>
    /// <param name="attention">How its attention is computed.</param>
    /// <param name="imbalance">Load of the busiest rank with experts over the mean.</param>
    public TransformersLayer(in RankContext rank, LayerKind kind, TransformersAttention attention, Ratio imbalance)
    {
        _rank = ref rank;
        (_model, _kind, _attention, _imbalance) = (rank.Model, kind, attention, imbalance);
        _compute = ComputeOf(rank);
        _stream = rank.CastsWeights || rank.HasWideRest ? 4 : _compute;
        _products = rank.HasWideRest ? 4 : _compute;
    }

    private static int ComputeOf(in RankContext rank) => rank.HasWideRest && !rank.Autocasts ? 4 : rank.Recipe.Compute;

    /// <summary>Layers whose code was read: not T5's under adapters, and none that something fuses. Quantised ones keep no input (MatMul4Bit, since bitsandbytes 0.44).</summary>
    public static bool Knows(in RankContext rank) => rank.Code.IsTransformers && (rank.Model.EncoderLayers == 0 || !rank.IsAdapted) && rank.Training.FusedKernels != true;

    /// <summary>The layer as it is expected; one with a window, where some have it.</summary>
    public static TransformersLayer Of(in RankContext rank, LayerKind kind, bool windowed = true) => new(
        rank,
        kind,
        AttentionOf(rank, windowed && rank.Model.Window is not null, rank.Training.Padding == true),
        ExpertActivations.Imbalance(rank.Model, rank.Job.Parallelism).Expected);

    /// <param name="rank">The rank.</param>
    /// <param name="windowed">The layer attends to a window.</param>
    /// <param name="padded">The micro-batch has padding.</param>
    public static TransformersAttention AttentionOf(in RankContext rank, bool windowed, bool padded)
    {
        var training = rank.Training;
        if (training.Attention == AttentionKernel.Eager || rank.Model.EncoderLayers > 0)
            return TransformersAttention.Eager;
        if (training.Attention == AttentionKernel.SDPA && rank.Model.BroadcastsHead)
            return TransformersAttention.Open;

        // Where a mask hides nothing it is left out (masking_utils.py, _ignore_causal_mask_sdpa); flash attention takes lengths in its place.
        if (training.Attention == AttentionKernel.SDPA && (padded || (windowed && training.SequenceLength >= rank.Model.Window!.Tokens)))
            return TransformersAttention.Masked;
        return training.Attention == AttentionKernel.SDPA && rank.Code.RepeatsKeysAndValues ? TransformersAttention.Repeated : TransformersAttention.Grouped;
    }

    /// <summary>In fp32, kernels of torch 2.6 take no heads that share keys and values: its composition keeps all scores, unless padding makes keys and values be repeated.</summary>
    public static bool MayKeepScores(in RankContext rank) =>
        rank.Training.Attention == AttentionKernel.SDPA && rank.Model.KeyValueHeads < rank.Model.AttentionHeads && ComputeOf(rank) == 4
        && AttentionOf(rank, rank.Model.Window is not null, rank.Training.Padding == true) == TransformersAttention.Grouped;

    /// <summary>All that the layer saves.</summary>
    public TokenBytes Saved()
    {
        if (_model.EncoderLayers > 0)
            return EncoderDecoderLayer.Saved(_rank, _kind, _stream, Scores);
        var sum = Norms() + Branches() + Second();
        if (_kind == LayerKind.StateSpace)
            return sum + (_rank.ComposesScan ? RecurrentActivations.Composed(_model, _rank.Shape, _compute) : RecurrentActivations.Of(_model, _rank.Shape));
        return sum + (_model.Latent is { } latent ? Latent(latent) : Heads()) + Attention() + (_rank.IsAdapted ? Adapters() : default);
    }

    /// <summary>Of what is saved, eager attention's scores per token.</summary>
    public long Scores => checked(ScoreBytes * _rank.Shape.Heads * _rank.Training.SequenceLength);

    /// <summary>Bytes beyond what is saved while the layer runs backward: the larger of what feed-forward and, behind it, eager attention work on.</summary>
    public long WorkingSet()
    {
        checked
        {
            var (shape, experts, tokens) = (_rank.Shape, _kind == LayerKind.Experts, _rank.Tokens);
            var perWeight = _rank.IsAdapted ? 0 : Math.Max(0, _rank.Recipe.Gradient - (_rank.CastsWeights ? _compute : 0));
            var width = experts ? Picked * shape.ExpertSize : shape.FeedForward;
            var matrix = (experts ? shape.Experts * shape.ExpertSize : shape.FeedForward) * shape.Hidden;

            // The gradients of a composed scan's largest product are as large as it is; of a feed-forward those of the product, of the activation
            // and of the other factor, beside those of the stream and of the last matrix.
            if (_kind == LayerKind.StateSpace && _rank.ComposesScan)
                return RecurrentActivations.ComposedSets(_model, shape).Backward * tokens;
            var feedForward = ((GradientsOf(experts ? _stream : _products) * width) + (_stream * shape.Hidden)) * tokens + (perWeight * matrix);
            if (!HasScores || _kind == LayerKind.StateSpace)
                return feedForward;

            // What feed-forward saved is gone, its weights have gradients; softmax's result, its gradient and the scores' are there in fp32.
            var gone = (Second() + new TokenBytes((Norm(_stream) + (_rank.IsAdapted ? 0 : _compute)) * shape.Hidden, 0)).Of(_rank);
            var weights = perWeight * (((_model.GatedFeedForward ? 3 : 2) * matrix) + (shape.AttentionOutput * shape.Hidden));
            var scores = (ScoresInBackward - ScoreBytes) * shape.Heads * _rank.Training.SequenceLength * tokens;

            // Checkpoints hand back gradients of the biases that a stack's layers share: those of both kinds, and while one grows the new part and the sum.
            if (_model.EncoderLayers > 0 && _rank.Training.Recompute == Recompute.Full)
                scores += 4L * _stream * shape.Heads * _rank.Training.SequenceLength * _rank.Training.SequenceLength;
            return Math.Max(feedForward, scores + weights + (_stream * shape.Hidden * tokens) - gone);
        }
    }

    /// <summary>Bytes of gradients, for each element of the feed-forward's width, that are there at once: autocast has those of powers in fp32, and three of them.</summary>
    private int GradientsOf(int element) => _model switch
    {
        { GatedFeedForward: true } => 2 * element,
        { Activation: ActivationFunction.Composed } when _stream > _compute => 12,
        { Activation: ActivationFunction.SquaredReLU } => _stream > _compute ? 14 : 3 * element,
        { Activation: ActivationFunction.XIELU } => (4 * Math.Max(_stream, element)) - 1,
        _ => element,
    };

    private TokenBytes Second() => _kind == LayerKind.Experts ? Experts() : FeedForward();

    /// <summary>Of a norm over elements of <paramref name="input"/> bytes: RMSNorm's fp32 input and its normalised copy, LayerNorm's input; frozen weights need no copy.</summary>
    /// <remarks>
    /// Cohere's norm keeps in fp32 what its square, its root and its weight multiply with; OLMo's, without weights, its input.
    /// </remarks>
    private int Norm(int input) => _model switch
    {
        { Normalization: Normalization.LayerNorm } or { BiaslessNorms: true } => input,
        { CentredNorms: true } => _rank.IsAdapted ? 8 : 12,
        { WeightlessNorms: true } => 4,
        _ => _rank.IsAdapted ? 4 : 4 + (_model.WideNormWeights ? 4 : input),
    };

    /// <summary>The norm after the last layer, and the input of the output matrix that it makes.</summary>
    public TokenBytes Last() => _model.EncoderLayers > 0 ? EncoderDecoderLayer.Last(_rank, _stream) : new(checked(((Norm(_stream) + (_rank.IsAdapted ? 0 : _compute)) * _rank.Shape.Hidden) + 4), 0);

    private TokenBytes Norms()
    {
        checked
        {
            // Norms after the second follow a module and read what it returns; each keeps its statistics in fp32.
            var before = _model.NormsAfter ? 0 : Math.Min(_model.NormsPerLayer, 2);
            var after = _model.NormsPerLayer - before;
            var statistics = (_model.Normalization == Normalization.LayerNorm ? 8 : 4) * _model.NormsPerLayer;

            // Norms of parallel branches read one and the same input.
            if (_model is { ParallelBranches: true, Normalization: Normalization.LayerNorm })
                before = 1;
            var elements = (before * Norm(_stream)) + (after * Norm(_compute)) + (_model.HiddenDropout ? 2 : 0);
            return new TokenBytes((elements * _rank.Shape.Hidden) + statistics, 0);
        }
    }

    /// <summary>Inputs of the first linear layers. Autocast casts what it gets in fp32, once for each of them.</summary>
    private TokenBytes Branches()
    {
        if (_rank.IsAdapted)
            return default;
        var products = _stream == _compute ? Math.Min(_model.NormsPerLayer, 2) : AttentionProducts() + FeedForwardProducts();
        return new TokenBytes(checked(products * _compute * _rank.Shape.Hidden), 0);
    }

    private int AttentionProducts() => _kind == LayerKind.StateSpace || _model.QueryKeyValueProjection != QueryKeyValueProjection.Separate ? 1 : _model.Latent is null ? 3 : 2;

    private int FeedForwardProducts() => _kind == LayerKind.Experts ? _model.Experts! switch { { SharedGate: true } => 4, { SharedSize: > 0 } => 3, _ => 1 }
        : _model is { GatedFeedForward: true, JoinsGate: false, QueryKeyValueProjection: QueryKeyValueProjection.Separate } ? 2 : 1;

    /// <summary>Queries, keys and values as attention reads them.</summary>
    private TokenBytes Heads()
    {
        checked
        {
            var (query, keyValue) = (_rank.Shape.Query, _rank.Shape.KeyValue);
            var repeats = _attention != TransformersAttention.Grouped && _rank.Shape.GroupedQueries && !(_model.ViewsHead && _attention == TransformersAttention.Masked);
            var sum = _compute * (query + (2 * (repeats ? query : keyValue)));
            if (_model.WideScores && HasScores && !_rank.Recipe.Autocast)
                sum += 2 * (4 - _compute) * query;

            // Rotated queries and keys are copies; the joint result stays for the values, unless they are copied, too: repeated, or into a cache.
            var joint = _model.QueryKeyValueProjection;
            if (joint == QueryKeyValueProjection.JointRotated && !repeats && !CopiesValues)
                sum += _compute * (query + keyValue);

            // A cache of keys and values is copied from them. It is what attention reads, unless heads are repeated; then it stays beside the copies.
            if (_rank.HoldsCache && (repeats || joint == QueryKeyValueProjection.Joint || _rank.CacheBytes > _compute))
                sum += 2 * _rank.CacheBytes * keyValue;

            // Queries rotated in part are joined from two parts, head by head; flash attention returns the same order, and it is copied back.
            if (_model.PartialRotary && _compute == 2 && _attention is TransformersAttention.Grouped or TransformersAttention.Repeated)
                sum += _compute * query;
            return new TokenBytes(0, sum + QueryKeyNorms(query + keyValue));
        }
    }

    /// <summary>Values that are a view of a wider product are copied into a cache, and for a batched product over several sequences.</summary>
    private bool CopiesValues => _rank.HoldsCache || (HasScores && _rank.Training.MicroBatchSize > 1);

    private long QueryKeyNorms(long width) => _model.QueryKeyNormalization switch
    {
        QueryKeyNormalization.None => 0,
        QueryKeyNormalization.PerHead => checked((Norm(_compute) * width) + (4 * (width / _model.HeadDimension))),
        _ => checked((Norm(_compute) * width) + 8),
    };

    /// <summary>The norms of the narrow vectors and their outputs; queries and keys put together from two parts; keys' plain part and values as one product makes them.</summary>
    private TokenBytes Latent(LatentAttention latent)
    {
        checked
        {
            var shape = _rank.Shape;
            var perRank = Norm(_compute) + (_rank.IsAdapted ? 0 : _compute);
            var narrow = (perRank * ((long)latent.QueryRank + latent.KeyValueRank)) + (_compute == 4 ? 4L * latent.RotaryHeadDimension : 0) + 8;
            var expanded = shape.Heads * ((CopiesValues ? 0L : latent.PlainHeadDimension) + latent.ValueHeadDimension);
            var cached = _rank.HoldsCache && _rank.CacheBytes > _compute ? _rank.CacheBytes * (shape.Query + shape.AttentionOutput) : 0;

            // Where values are as wide as queries, flash attention takes them, and returns their order (GLM-4.7-Flash).
            if (_compute == 2 && shape.AttentionOutput == shape.Query && _attention is TransformersAttention.Grouped or TransformersAttention.Repeated)
                cached += _compute * shape.Query;
            return new TokenBytes(narrow, (_compute * ((2 * shape.Query) + expanded)) + cached);
        }
    }

    /// <summary>What attention returns, with softmax statistics in fp32 or with the scores themselves.</summary>
    private TokenBytes Attention()
    {
        checked
        {
            var (shape, length) = (_rank.Shape, _rank.Training.SequenceLength);

            // Eager attention transposes its result into a copy, which is the input of the output matrix and kept for its sake only.
            var output = _attention == TransformersAttention.Eager && _rank.IsAdapted ? 0 : _compute * shape.AttentionOutput;
            if (_model.GatesAttention)
                output += 2 * _compute * shape.AttentionOutput; // the gate's sigmoid, and the product
            return new TokenBytes(0, output + _attention switch
            {
                TransformersAttention.Eager => Scores,

                // Queries, and what is returned, in fp32.
                TransformersAttention.Open => Scores + (_compute < 4 ? 6 * shape.Query : 0),

                // The mask becomes a bias in the type of the queries, over all pairs of tokens and for all heads.
                TransformersAttention.Masked => (4 * shape.Heads) + (_compute * length),
                _ => 4 * shape.Heads,
            });
        }
    }

    /// <summary>
    /// Softmax in fp32 and its cast; with dropout (GPT-2) softmax in the stream's type, the mask and what is left of the scores; in Falcon and gpt-oss in the
    /// stream's type alone. Soft-capping keeps its tanh besides.
    /// </summary>
    private int ScoreBytes => _attention == TransformersAttention.Open ? 4
        : HasNarrowSoftmax ? _stream + (_compute < _stream ? _compute : 0)
        : (HasScoreDropout ? (HasWideSoftmax ? 4 : _stream) + 1 + _compute : 4 + (_compute < 4 ? _compute : 0)) + (_model.ScoreSoftcapping ? _compute : 0);

    /// <summary>Softmax's result, its gradient and the scores', in fp32 or, where softmax has it, the stream's type of two bytes; with dropout a mask besides.</summary>
    private int ScoresInBackward => _stream != 2 ? HasScoreDropout ? 13 : 12 : HasScoreDropout ? HasWideSoftmax ? 11 : 7 : HasNarrowSoftmax && _attention == TransformersAttention.Eager ? 6 : 12;

    /// <summary>Softmax has the type of the scores: Falcon's, and one over scores and sinks (gpt-oss).</summary>
    private bool HasNarrowSoftmax => _model.BroadcastsHead || _model.AttentionSinks;

    private bool HasWideSoftmax => _model.WideSoftmax || _model.EncoderLayers > 0;

    private bool HasScores => _attention is TransformersAttention.Eager or TransformersAttention.Open;

    private bool HasScoreDropout => _model is { HiddenDropout: true, ScoreDropout: true };

    private TokenBytes FeedForward() => new(0, checked(Width() * _rank.Shape.FeedForward));

    /// <summary>Of each element of the width: gate, its activation, up and the product of the two; the last one is kept as the input of a matrix that is trained.</summary>
    private int Width()
    {
        var input = _rank.IsAdapted ? _products : 0;
        return _model switch
        {
            { GatedFeedForward: true } => (4 * _products) - input,
            { Activation: ActivationFunction.ReLU } => _products,
            { Activation: ActivationFunction.OneKernel } => (2 * _products) - input,
            // Autocast computes powers in fp32, and so on a copy.
            { Activation: ActivationFunction.SquaredReLU } => (_stream > _products ? _stream : 0) + (2 * _products) - input,
            // x, α·x, exp(x) − 1, that less x, the result, and a byte for x > 0; α is a vector of one, not cast, and widens what it multiplies.
            { Activation: ActivationFunction.XIELU } => (3 * Math.Max(_stream, _products)) + (2 * _products) + 1 - input,
            // 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))): x, its half, tanh, 1 + tanh and the product; autocast as above.
            _ => (_stream > _products ? 16 : 5 * _products) - input,
        };
    }

    /// <summary>Experts that work on a token.</summary>
    private long Picked => _model.Experts is { PassesAll: true } all ? all.Count : _model.Experts!.ActivePerToken;

    /// <summary>
    /// Grouped products are none of the operators that autocast casts: experts compute in the type of the stream, on a copy of each token. The batched one of
    /// Llama 4 is, and casts the copy that was weighed.
    /// </summary>
    private TokenBytes Experts()
    {
        checked
        {
            var (mixture, shape) = (_model.Experts!, _rank.Shape);
            var (product, tokens) = mixture.PassesAll ? (_compute, _stream + _compute) : _rank.Code.GroupsExperts ? (_stream, 2 * _stream) : (_compute, 3 * _compute);
            if (_rank.IsAdapted)
                tokens -= product;
            var routed = _imbalance.Of(tokens * Picked * shape.Hidden);
            var inside = _imbalance.Of(((mixture.ClampsGate ? 7 : 4) - (_rank.IsAdapted ? 1 : 0)) * product * Picked * shape.ExpertSize);

            // Probabilities of all experts in fp32 and five indices for each pick; some routers read a copy of their input in fp32, too.
            var router = (4L * mixture.Count) + (40L * mixture.ActivePerToken) + ((_model.Latent is not null || mixture.WideRouter) && _stream == 2 ? 4 * shape.Hidden : 0);

            // A gate for the shared experts multiplies what they return.
            var gated = mixture.SharedGate ? _compute * (shape.Hidden + 1) : 0;
            return new TokenBytes(routed + router + gated, inside + (((4 * _compute) - (_rank.IsAdapted ? _compute : 0)) * shape.SharedSize));
        }
    }

    /// <summary>
    /// Inputs of adapters and what passes between their two matrices. peft casts each input to the adapters' type; under autocast the cast back to
    /// 16 bits is what stays (peft src/peft/tuners/lora/layer.py). Around quantised layers autocast does all of it (bnb.py): it casts fp32 inputs for each.
    /// Dropout gives each adapter an input of its own, with a mask of one byte per element (torch native_dropout), in place of the layer's.
    /// </summary>
    private TokenBytes Adapters()
    {
        checked
        {
            var (weight, targets, drops) = (_rank.Recipe.Weight, _rank.Targets, _rank.DropsAdapterInputs);
            var casts = weight > _compute && !(_rank.IsQuantised && _rank.Autocasts);
            var element = _rank.Autocasts ? Math.Min(weight, _compute) : weight;
            var width = _kind == LayerKind.Experts ? (_model.Experts!.ActivePerToken * _rank.Shape.ExpertSize) + _rank.Shape.SharedSize : _rank.Shape.FeedForward;
            var (hidden, local) = States.Adapters.KeptInputs(_rank.Shape, targets, width, casts || drops || _products > _compute);

            // What a kernel for attention returns is kept for its own backward already.
            if (!casts && !drops && _attention != TransformersAttention.Eager && (targets & LoraTargets.Output) != LoraTargets.None)
                local -= _rank.Shape.AttentionOutput;
            var between = (_rank.Training.Lora?.Rank ?? 16) * BitOperations.PopCount((uint)(targets & ~LoraTargets.Head));
            var input = drops ? element + 1 : element;
            return new TokenBytes((input * hidden) + (element * between), input * local);
        }
    }
}

/// <summary>The ways in which transformers computes attention (src/transformers/integrations).</summary>
internal enum TransformersAttention
{
    /// <summary>A kernel without a mask, which knows that several heads share keys and values (use_gqa_in_sdpa).</summary>
    Grouped,

    /// <summary>A kernel to which keys and values come repeated for every head.</summary>
    Repeated,

    /// <summary>The same with a mask: padding, or a window shorter than the sequence.</summary>
    Masked,

    /// <summary>Scores in the open.</summary>
    Eager,

    /// <summary>torch's own composition in fp32, which it falls back to where no kernel takes the shapes (aten/src/ATen/native/transformers/attention.cpp).</summary>
    Open,
}
