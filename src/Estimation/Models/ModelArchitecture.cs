namespace GpuMem.Estimation.Models;

/// <summary>
/// The dimensions of a transformer that its parameters, activations and cache follow from. Counts, not bytes.
/// What is not said is as in Llama: a dense decoder, gated feed-forward, RMSNorm before attention and feed-forward, no biases, untied embeddings.
/// </summary>
public sealed record ModelArchitecture
{
    /// <summary>What people call it: a Hugging Face id, or <c>config.json</c> when it has no name.</summary>
    public required string Name { get; init; }

    /// <summary>Width of the stream between layers, in elements.</summary>
    public required long HiddenSize { get; init; }

    /// <summary>Of the decoder, or of the encoder when there is nothing else.</summary>
    public required int Layers { get; init; }

    /// <summary>Of queries.</summary>
    public required int AttentionHeads { get; init; }

    /// <summary>Of keys and values: fewer than of queries where these share them.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Of queries and keys; with latent attention its two parts together.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Of one dense layer; 0 when no layer has one (Mamba).</summary>
    public required long FeedForwardSize { get; init; }

    /// <summary>Rows of the embedding.</summary>
    public required long VocabularySize { get; init; }

    /// <summary>Input embedding and output matrix are one tensor.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Three feed-forward matrices (gate, up, down) instead of two.</summary>
    public bool GatedFeedForward { get; init; } = true;

    /// <summary>Copies of the stream that layers hand on, each as wide: 4 in Gemma 3n (AltUp, arXiv 2301.13310) and DeepSeek V4 (hyper-connections, arXiv 2409.19606).</summary>
    public int Streams { get; init; } = 1;

    /// <summary>The kind of norm; default RMSNorm.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>1 in parallel blocks (Falcon, Phi-2), 2 usually, 4 in Gemma 2 and 3.</summary>
    public int NormsPerLayer { get; init; } = 2;

    /// <summary>Norms follow attention and feed-forward, which read the stream itself (EXAONE 4).</summary>
    public bool NormsAfter { get; init; }

    /// <summary>Norms multiply with their weight in fp32, before the result takes the model's type again (Gemma, OLMo 2, gpt-oss), not after (Llama).</summary>
    public bool WideNormWeights { get; init; }

    /// <summary>Norms subtract the mean and divide in operations of their own, in fp32 (Cohere).</summary>
    public bool CentredNorms { get; init; }

    /// <summary>Norms are LayerNorm without a bias (MPT).</summary>
    public bool BiaslessNorms { get; init; }

    /// <summary>Norms have no weights (OLMo's first).</summary>
    public bool WeightlessNorms { get; init; }

    /// <summary>Tables of a byte for every pair of positions, which modules keep as causal masks (GPT-2: one in each layer).</summary>
    public int MaskTables { get; init; }

    /// <summary>How many products make queries, keys and values.</summary>
    public QueryKeyValueProjection QueryKeyValueProjection { get; init; }

    /// <summary>The activation function of the feed-forward.</summary>
    public ActivationFunction Activation { get; init; }

    /// <summary>Attention and feed-forward read the same input (GPT-NeoX, Falcon), not one the other's result.</summary>
    public bool ParallelBranches { get; init; }

    /// <summary>Positions turn queries and keys in two parts that are joined again (Phi-3, GPT-NeoX, Bamba).</summary>
    public bool PartialRotary { get; init; }

    /// <summary>What attention returns is multiplied with a gate of its own before the output matrix (Qwen3-Next).</summary>
    public bool GatesAttention { get; init; }

    /// <summary>One product makes gate and up, though others make queries, keys and values (GLM-4).</summary>
    public bool JoinsGate { get; init; }

    /// <summary>Those projections have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>The output projection of attention has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>The feed-forward has biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>The output matrix has a bias.</summary>
    public bool HeadBias { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    public QueryKeyNormalization QueryKeyNormalization { get; init; }

    /// <summary>Rows of a learned position table; 0 for rotary and ALiBi positions.</summary>
    public long LearnedPositions { get; init; }

    /// <summary>The longest sequence the model is made for, in tokens; 0 when unknown.</summary>
    public long ContextLength { get; init; }

    /// <summary>A norm directly after the embedding (BLOOM).</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Where there is dropout, attention's scores have it, too, and their softmax the model's own type (GPT-2).</summary>
    public bool ScoreDropout { get; init; }

    /// <summary>
    /// One head of keys and values is handed to attention as it is, for all queries (Falcon-7B): torch's fused kernels want as many heads of each, and
    /// scores stay in the open.
    /// </summary>
    public bool BroadcastsHead { get; init; }

    /// <summary>One head of keys and values is seen by all queries through a view, and nothing is repeated for a mask (GPT-BigCode).</summary>
    public bool ViewsHead { get; init; }

    /// <summary>Softmax of scores that have dropout is computed in fp32 (GPT-BigCode).</summary>
    public bool WideSoftmax { get; init; }

    /// <summary>Queries and keys become fp32 before they meet, where scores are in the open (GPT-J).</summary>
    public bool WideScores { get; init; }

    /// <summary>Linear layers multiply with a view of their weight (Falcon), whose cast autocast does not cache: it caches those of leaves.</summary>
    public bool CastsViews { get; init; }

    /// <summary>Dropout on the outputs of attention and feed-forward: each keeps a mask of one byte per element.</summary>
    public bool HiddenDropout { get; init; }

    /// <summary>Logits pass through tanh (Gemma 2), whose output is kept for backward.</summary>
    public bool LogitSoftcapping { get; init; }

    /// <summary>Attention scores pass through tanh (Gemma 2), whose output eager attention keeps.</summary>
    public bool ScoreSoftcapping { get; init; }

    /// <summary>Generates text token by token and keeps keys and values for it; encoders alone do not.</summary>
    public bool HasCache { get; init; } = true;

    /// <summary>Layers of an encoder beside the decoder (T5); its layers are as wide, the decoder's have cross-attention.</summary>
    public int EncoderLayers { get; init; }

    /// <summary>A norm after the last layer; BERT has none.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Rows of the table of segments (BERT).</summary>
    public long TokenTypes { get; init; }

    /// <summary>A dense layer over the first token's output (BERT).</summary>
    public bool Pooler { get; init; }

    /// <summary>Rows of the table of relative positions, one table per stack (T5).</summary>
    public int RelativePositionBuckets { get; init; }

    /// <summary>Null in dense models.</summary>
    public MixtureOfExperts? Experts { get; init; }

    /// <summary>Null with ordinary attention.</summary>
    public LatentAttention? Latent { get; init; }

    /// <summary>One learned value per head that takes part in softmax (gpt-oss).</summary>
    public bool AttentionSinks { get; init; }

    /// <summary>Null when every layer attends to the whole sequence.</summary>
    public SlidingWindow? Window { get; init; }

    /// <summary>SGLang keeps layers with a window in a pool of their own; in models of other families it keeps whole sequences.</summary>
    public bool PooledWindows { get; init; }

    /// <summary>Null when every layer has attention.</summary>
    public StateSpace? StateSpace { get; init; }

    /// <summary>What it is made of, layer by layer, where the dimensions above cannot say it; null where they do.</summary>
    public ModelParts? Parts { get; init; }

    /// <summary>Modules that predict further tokens (DeepSeek V3); they are counted in <see cref="PredictionParameters"/> only.</summary>
    public int PredictionModules { get; init; }

    /// <summary>Of the vision part of a multimodal model, roughly; not in <see cref="Parameters"/>. 0 when there is none or it is not described.</summary>
    public long VisionParameters { get; init; }

    /// <summary>Layers of the tower for pictures times the square of their width, as its configuration names them; 0 where there is none.</summary>
    public long PictureComplexity { get; init; }

    /// <summary>The tower for pictures; null where there is none or its pass is not known.</summary>
    public PictureTower? Pictures { get; init; }

    /// <summary>How the checkpoint stores its weights, when its configuration says so.</summary>
    public CheckpointStorage? CheckpointQuantization { get; init; }

    /// <summary>What the checkpoint's configuration says of its storage where that is not known, with its path, or which file of many: weights then count as they are stored at the most, and deny nothing.</summary>
    public string? UnknownStorage { get; init; }

    /// <summary>What had to be guessed about the dimensions; anything but <see cref="ModelKnowledge.Exact"/> widens the bounds and lowers confidence.</summary>
    public ModelKnowledge Knowledge { get; init; }

    /// <summary>The <c>model_type</c> that is not known, empty where none is given: the model is sized like Llama, and may be built otherwise. Null when known.</summary>
    public string? UnknownFamily { get; init; }

    /// <summary>Fields of its configuration that nobody reads and that may carry size; empty for models that are counted exactly.</summary>
    public IReadOnlyList<string> UnreadFields { get; init; } = [];

    /// <summary>Parameters of the whole model; a tied matrix counts once.</summary>
    /// <exception cref="OverflowException">The dimensions are outside <see cref="ModelLimits"/> and the count leaves 63 bits.</exception>
    public long Parameters => ParameterTally.Of(this, PipelineStage.Whole(this), new RankShape(this, tensor: 1)).Total;

    /// <summary>With towers for pictures and sound.</summary>
    /// <exception cref="OverflowException">As for <see cref="Parameters"/>.</exception>
    public long TotalParameters => checked(Parameters + VisionParameters);

    /// <summary>Parameters that work on one token: of the experts, those the router picks. All of them must be in memory nevertheless.</summary>
    /// <exception cref="OverflowException">As for <see cref="Parameters"/>.</exception>
    public long ActiveParameters => Parts is { } parts ? checked(Parameters - parts.Total + parts.Active) : Experts is { } experts
        ? checked(Parameters - (experts.LayersAmong(Layers) * (experts.Count - experts.ActivePerToken) * LayerTally.Expert(this, new RankShape(this, tensor: 1)).Total))
        : Parameters;

    /// <summary>Of the modules that predict further tokens; embedding and output matrix are shared with the model (DeepSeek-V3, arXiv 2412.19437, section 2.2).</summary>
    /// <exception cref="OverflowException">As for <see cref="Parameters"/>.</exception>
    public long PredictionParameters => PredictionModules == 0 ? 0 : checked(PredictionModules * LayerTally.PredictionModule(this, new RankShape(this, tensor: 1)).Total);

    /// <summary>Some layer has a dense feed-forward; models whose layers all have experts state a width that nothing uses.</summary>
    internal bool HasDenseFeedForward => FeedForwardSize > 0 && (Experts is null || Experts.LayersAmong(Layers) < Layers);

    /// <summary>Why these dimensions make no model, in words; null when they do.</summary>
    public string? Problem
    {
        get
        {
            var problems = default(ProblemList);
            ModelRules.Check(this, ref problems);
            return problems.Any ? string.Join("; ", problems.ToList().Select(problem => problem.Message)) : null;
        }
    }
}
