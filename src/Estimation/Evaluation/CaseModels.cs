using GpuMem.Estimation.Evaluation.Cases;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Evaluation;

/// <summary>The model of a case: the catalogue's where it is the same model, else from the stated dimensions.</summary>
internal static class CaseModels
{
    public static ModelArchitecture Of(MeasuredCase item)
    {
        var stated = Stated(item);
        if (item.Model.Id is { } id && ModelCatalogue.TryFind(id, out var known, out _) && SameShape(known, stated))
        {
            // The catalogue knows norms and biases that a case does not state; whether embeddings are tied is the run's.
            stated = known with { TiedEmbeddings = stated.TiedEmbeddings, HiddenDropout = stated.HiddenDropout };
        }

        return stated with { LearnedPositions = Positions(item, stated) };
    }

    private static ModelArchitecture Stated(MeasuredCase item)
    {
        var model = item.Model.Architecture;
        return new ModelArchitecture
        {
            Name = item.Model.Id ?? item.Id,
            HiddenSize = model.HiddenSize,
            Layers = model.Layers,
            AttentionHeads = model.Heads,
            KeyValueHeads = model.KvHeads,
            HeadDimension = model.HeadDim ?? (model.Mla is { } widths ? widths.QkNopeHeadDim + widths.QkRopeHeadDim : 0),
            FeedForwardSize = model.FfnHiddenSize,
            VocabularySize = model.VocabSize,
            TiedEmbeddings = model.TiedEmbeddings,
            GatedFeedForward = model.GatedMlp,
            Normalization = model.Norm == CaseNorm.LayerNorm ? Normalization.LayerNorm : Normalization.RMSNorm,
            QueryKeyValueBias = model.Bias,
            AttentionOutputBias = model.Bias,
            FeedForwardBias = model.Bias,
            Experts = model.Moe is { } moe ? Mixture(moe) : null,
            Latent = model.Mla is { } mla ? Latent(mla) : null,

            // Megatron-LM megatron/training/arguments.py: hidden_dropout is 0.1 unless turned off, as recipes of gated models do.
            HiddenDropout = item.Trainer == CaseTrainer.Megatron && !model.GatedMlp,
        };
    }

    private static MixtureOfExperts Mixture(CaseMoe moe) => new()
    {
        Count = moe.Experts,
        ActivePerToken = moe.TopK,
        ExpertSize = moe.ExpertFfnHiddenSize,
        SharedSize = moe.SharedFfnHiddenSize ?? (moe.SharedExperts * moe.ExpertFfnHiddenSize),
        DenseLayers = moe.FirstDenseLayers,
    };

    private static LatentAttention Latent(CaseMla mla) => new()
    {
        QueryRank = checked((int)(mla.QLoraRank ?? 0)),
        KeyValueRank = checked((int)mla.KvLoraRank),
        PlainHeadDimension = mla.QkNopeHeadDim,
        RotaryHeadDimension = mla.QkRopeHeadDim,
        ValueHeadDimension = mla.VHeadDim,
    };

    /// <summary>Learned positions have no field of their own: they are the parameters that nothing else explains.</summary>
    private static long Positions(MeasuredCase item, ModelArchitecture model)
    {
        if (item.Model.Architecture.Positional != CasePositional.Learned)
            return 0;
        var unexplained = item.Model.Parameters - (model with { LearnedPositions = 0 }).Parameters;
        return Math.Clamp(unexplained / model.HiddenSize, 1, ModelLimits.MaxLearnedPositions);
    }

    private static bool SameShape(ModelArchitecture a, ModelArchitecture b) =>
        (a.HiddenSize, a.Layers, a.AttentionHeads, a.KeyValueHeads, a.FeedForwardSize, a.VocabularySize)
        == (b.HiddenSize, b.Layers, b.AttentionHeads, b.KeyValueHeads, b.FeedForwardSize, b.VocabularySize);
}
