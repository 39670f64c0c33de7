using GpuMem.Api.TrainingJobs;
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

    /// <summary>--hidden-dropout is 0.1 where nothing is said (core/transformer/transformer_config.py).</summary>
    public bool HiddenDropout { get; set; } = true;

    public bool IsLatent { get; set; }

    /// <summary>core/transformer/transformer_config.py and arguments.py, _add_mla_args.</summary>
    public LatentAttentionSpec Latent { get; } = new() { KeyValueRank = 32, PlainHeadDimension = 128, RotaryHeadDimension = 64, ValueHeadDimension = 128 };

    public int? LayersPerVirtualStage { get; set; }

    public int? ExpertTensor { get; set; }

    /// <summary>What Megatron's own FSDP divides.</summary>
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
        model.LatentAttention = said.IsLatent ? said.Latent : null;
        if (said.IsLatent)
            (model.HeadDimension, model.KeyValueHeads) = (null, null);
        draft.Job.Model!.HiddenDropout = said.HiddenDropout;
        CompleteVocabulary(draft, model);
        CompleteExperts(draft, model);
        CompleteDivision(draft, model);
        draft.Training.MicroBatchSize ??= 1;
    }

    /// <summary>Rows are added until tensor parallel ranks have equal parts (megatron/training/tokenizer, vocab_size_with_padding).</summary>
    private static void CompleteVocabulary(TrainingDraft draft, ArchitectureSpec model)
    {
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
            return;
        experts.ActivePerToken ??= 2;
        experts.Size ??= model.FeedForwardSize;
        draft.Layout.ExpertDispatch ??= ExpertDispatch.AllGather;
        if (draft.Megatron.ExpertTensor is { } tensor && tensor != (draft.Layout.Tensor?.Value ?? 1))
            draft.Reading.NotUnderstood.Add($"--expert-tensor-parallel-size {tensor}, which is not that of the other layers");
    }

    private static void CompleteDivision(TrainingDraft draft, ArchitectureSpec model)
    {
        if (draft.Layout.Sharding == Sharding.Full && draft.Megatron.Strategy is { } strategy)
            draft.Layout.Sharding = strategy;
        if (draft.Megatron.LayersPerVirtualStage is > 0 and var layers && model.Layers is { } all)
            draft.Layout.VirtualStages = Math.Max(1, all / Math.Max(1, draft.Layout.Pipeline?.Value ?? 1) / layers);
        if (draft.Layout.VirtualStages > 1)
            draft.Layout.Schedule = PipelineSchedule.Interleaved;
    }
}
