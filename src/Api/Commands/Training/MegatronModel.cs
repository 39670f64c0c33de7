using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Commands.Training;

/// <summary>What of Megatron-LM's arguments only together makes a field of the model (megatron/training/arguments.py, validate_args).</summary>
internal sealed class MegatronModel
{
    /// <summary>Entries of GPT-2's vocabulary.</summary>
    public const int Gpt2Vocabulary = 50_257;

    public bool GroupsQueries { get; set; }

    public int? QueryGroups { get; set; }

    public bool LearnsPositions { get; set; } = true;

    public long? Positions { get; set; }

    /// <summary>--make-vocab-size-divisible-by.</summary>
    public long VocabularyDivisor { get; set; } = 128;

    public bool AddsWord { get; set; }

    /// <summary>Entries of the vocabulary of a tokenizer that is named, and whose it is; null where none is known.</summary>
    private (long Size, string Name)? _tokenizer;

    /// <summary>--tokenizer-model: a model that is built in has as many entries as its tokenizer, but for what pads them.</summary>
    public bool HasTokenizer(string path)
    {
        if ((ServedModel.IsId(path) ? path : ModelPath.Of(path)?.Name) is { } name && ModelCatalogue.TryFind(name, out var model, out _))
            _tokenizer = (model.VocabularySize, name);
        return true;
    }

    /// <summary>--vocab-file: GPT-2's is known by the name that it is downloaded under.</summary>
    public bool HasVocabularyFile(string path)
    {
        if (Path.GetFileName(path) == "gpt2-vocab.json")
            _tokenizer ??= (Gpt2Vocabulary, "GPT-2");
        return true;
    }

    /// <summary>--hidden-dropout is 0.1 where nothing is said (core/transformer/transformer_config.py).</summary>
    public bool HiddenDropout { get; set; } = true;

    public bool IsLatent { get; set; }

    /// <summary>core/transformer/transformer_config.py and arguments.py, _add_mla_args.</summary>
    public LatentAttentionSpec Latent { get; } = new() { KeyValueRank = 32, PlainHeadDimension = 128, RotaryHeadDimension = 64, ValueHeadDimension = 128 };

    public int? LayersPerVirtualStage { get; set; }

    /// <summary>--account-for-embedding-in-pipeline-split counts the embedding as one layer of the first stage.</summary>
    public bool EmbeddingIsLayer { get; set; }

    /// <summary>--account-for-loss-in-pipeline-split counts the loss as one layer of the last stage.</summary>
    public bool LossIsLayer { get; set; }

    /// <summary>--qk-layernorm: of each head, or of latent attention's narrow vectors, which have theirs anyway.</summary>
    public bool NormsHeads { get; set; }

    /// <summary>--moe-layer-recompute, today the module moe of a selection.</summary>
    public bool RecomputesExperts { get; set; }

    /// <summary>--recompute-method block.</summary>
    public bool RecomputesBlock { get; set; }

    /// <summary>--recompute-num-layers.</summary>
    public int? RecomputedLayers { get; set; }

    /// <summary>--pipeline-model-parallel-layout.</summary>
    public string? Stages { get; set; }

    /// <summary>--cross-entropy-loss-fusion.</summary>
    public bool FusesLoss { get; set; }

    /// <summary>--cross-entropy-fusion-impl te; the native one fuses kernels and keeps the softmax in fp32 all the same (core/fusions/fused_cross_entropy.py).</summary>
    public bool LosesInPlace { get; set; }

    /// <summary>--use-precision-aware-optimizer.</summary>
    public bool IsPrecisionAware { get; set; }

    /// <summary>--use-megatron-fsdp, formerly --use-custom-fsdp.</summary>
    public bool HasOwnFsdp { get; set; }

    /// <summary>What Megatron's own FSDP divides; nothing where it is not told (core/distributed/distributed_data_parallel_config.py).</summary>
    public Sharding? Strategy { get; set; }

    public static ArchitectureSpec Of(TrainingDraft draft) => (draft.Job.Model ??= new ModelSpec { Architecture = new ArchitectureSpec() }).Architecture!;

    /// <summary>Fills in what the arguments leave out, as Megatron does.</summary>
    public static void Complete(TrainingDraft draft)
    {
        var (said, model) = (draft.Megatron, Of(draft));
        model.GatedFeedForward ??= false;
        model.TiedEmbeddings ??= true;
        model.Bias ??= true;
        model.Normalization ??= Normalization.LayerNorm;

        // Two thirds of four times the width with three matrices, in multiples of 64.
        model.FeedForwardSize ??= model.HiddenSize is { } hidden and < 1_000_000_000 ? model.GatedFeedForward == true ? (long)(4 * hidden * 2 / 3.0 / 64) * 64 : 4 * hidden : null;
        model.KeyValueHeads = said.GroupsQueries ? said.QueryGroups ?? 1 : null;
        model.LearnedPositions = said.LearnsPositions ? said.Positions : null;
        model.QueryKeyNormalization = said is { NormsHeads: true, IsLatent: false } ? QueryKeyNormalization.PerHead : null;
        model.LatentAttention = said.IsLatent ? said.Latent : null;
        if (said.IsLatent)
            (model.HeadDimension, model.KeyValueHeads) = (null, null);
        draft.Job.Model!.HiddenDropout = said.HiddenDropout;
        CompleteVocabulary(draft, model);
        CompleteExperts(draft, model);
        CompleteStep(draft, model.Layers);
    }

    /// <summary>The same of what does not depend on the sizes of the model, but for the number of its layers.</summary>
    public static void CompleteStep(TrainingDraft draft, int? layers)
    {
        CompleteDivision(draft, layers);
        CompleteRecomputation(draft);
        if (draft.Megatron is { FusesLoss: true, LosesInPlace: true })
            draft.Training.Loss = LossKernel.InPlace;
        else if (draft.Megatron.FusesLoss)
            draft.Training.FusedKernels = true;
        draft.Training.MicroBatchSize ??= 1;

        // Without ranks to divide over it is switched off (megatron/training/arguments.py, validate_args).
        if ((draft.Layout.Tensor?.Value ?? 1) == 1)
            draft.Layout.SequenceParallel = null;
    }

    /// <summary>Rows are added until tensor parallel ranks have equal parts (megatron/training/tokenizer, vocab_size_with_padding).</summary>
    private static void CompleteVocabulary(TrainingDraft draft, ArchitectureSpec model)
    {
        if (model.VocabularySize is null && draft.Megatron._tokenizer is var (entries, name))
        {
            model.VocabularySize = entries;
            draft.Assume($"The vocabulary is taken to be that of {name}, whose tokenizer is named.");
        }
        if (model.VocabularySize is not { } size)
        {
            draft.Reading.NotUnderstood.Add("the size of the vocabulary, which only its tokenizer knows: --vocab-size N says it to Megatron, too");
            return;
        }
        var multiple = Math.Max(1, Math.Min(draft.Megatron.VocabularyDivisor, int.MaxValue)) * Math.Max(1, draft.Layout.Tensor?.Value ?? 1);
        size = Math.Min(size, int.MaxValue) + (draft.Megatron.AddsWord ? 1 : 0);
        model.VocabularySize = (size + multiple - 1) / multiple * multiple;
    }

    private static void CompleteExperts(TrainingDraft draft, ArchitectureSpec model)
    {
        if (model.Experts is { Count: null })
            model.Experts = null;
        if (model.Experts is not { } experts)
        {
            draft.Layout.ExpertTensor = null;
            return;
        }
        experts.ActivePerToken ??= 2;
        experts.Size ??= model.FeedForwardSize;
        draft.Layout.ExpertDispatch ??= ExpertDispatch.AllGather;
    }

    /// <summary>A block is the first layers of each stage; every layer by itself is what is counted elsewhere, and longer stretches keep fewer inputs.</summary>
    private static void CompleteRecomputation(TrainingDraft draft)
    {
        if (draft.Megatron.RecomputesExperts && draft.Training.Recompute?.Value != Recompute.Full)
        {
            draft.Training.Recompute = Recompute.Selective;
            draft.Training.RecomputeModules = [.. (draft.Training.RecomputeModules ?? ["core_attn"]).Append("moe").Distinct(StringComparer.Ordinal)];
        }

        if (draft.Training.Recompute?.Value != Recompute.Full || draft.Megatron.RecomputedLayers is not { } layers)
            return;
        if (draft.Megatron.RecomputesBlock)
            draft.Training.RecomputeLayers = layers;
        else if (layers != 1)
            draft.Reading.NotUnderstood.Add($"--recompute-num-layers {layers}");
    }

    private static void CompleteDivision(TrainingDraft draft, int? layers)
    {
        if (draft.Megatron.HasOwnFsdp)
        {
            draft.Layout.Sharding = draft.Megatron.Strategy ?? Sharding.None;
            if (draft.Megatron.Strategy is null)
                draft.Assume("Megatron's FSDP divides nothing unless --data-parallel-sharding-strategy says so; optim_grads_params divides all.");
        }

        if (draft.Megatron.LayersPerVirtualStage is > 0 and var each && layers is { } all)
            draft.Layout.VirtualStages = Math.Max(1, all / Math.Max(1, draft.Layout.Pipeline?.Value ?? 1) / each);
        if (draft.Megatron.Stages is { } stages && StageLayout.Of(stages, draft.Layout.Pipeline?.Value ?? 1) is { } told)
            (draft.Layout.FirstStageLayers, draft.Layout.LastStageLayers, draft.Layout.VirtualStages) = (told.First, told.Last, told.Chunks);
        else if (draft.Megatron.Stages is not null)
            draft.Reading.NotUnderstood.Add($"--pipeline-model-parallel-layout {draft.Megatron.Stages}");
        if (draft.Layout.VirtualStages > 1)
            draft.Layout.Schedule = PipelineSchedule.Interleaved;
        if (draft.Megatron.EmbeddingIsLayer || draft.Megatron.LossIsLayer)
            CompleteEnds(draft, layers);
        if (draft.Megatron.IsPrecisionAware)
            CompletePrecision(draft);
    }

    /// <summary>Embedding and loss stand for a layer each, and with them all stages have as many (core/transformer/transformer_block.py, get_num_layers_to_build).</summary>
    private static void CompleteEnds(TrainingDraft draft, int? count)
    {
        if (count is not { } layers || draft.Layout.Pipeline?.Value is not (> 1 and var stages))
            return;
        var (first, last) = (draft.Megatron.EmbeddingIsLayer ? 1 : 0, draft.Megatron.LossIsLayer ? 1 : 0);
        var each = (int)(((long)layers + first + last) / stages);
        draft.Layout.FirstStageLayers = each - first;
        draft.Layout.LastStageLayers = each - last;
    }

    /// <summary>
    /// Of the fp32 master copy only what the bf16 weights lack is kept (core/optimizer/optimizer_config.py, store_param_remainders), and gradients are
    /// used as they are.
    /// </summary>
    private static void CompletePrecision(TrainingDraft draft)
    {
        draft.DataTypes.MasterWeights ??= CopyType.BF16;
        draft.DataTypes.GradientCopy ??= CopyType.None;
    }
}
