using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Manifests;

/// <summary>The model of a case as a manifest gives it: by name where the catalogue has it, else by the stated dimensions.</summary>
internal static class CaseModel
{
    public static ModelSpec Of(MeasuredCase item)
    {
        var stated = Dimensions(item.Model.Architecture);

        // Megatron-LM megatron/training/arguments.py: hidden_dropout is 0.1 unless turned off, as recipes of gated models do.
        var dropout = item.Trainer == CaseTrainer.Megatron && !item.Model.Architecture.GatedMlp ? true : (bool?)null;
        if (item.Model.Id is { } id && ModelCatalogue.TryFind(id, out var known, out _) && IsSameShape(known, item.Model.Architecture))
        {
            // The catalogue knows norms and biases that a case does not state; whether embeddings are tied is the run's.
            var tied = item.Model.Architecture.TiedEmbeddings;
            return new ModelSpec { Name = id, TiedEmbeddings = tied == known.TiedEmbeddings ? null : tied, HiddenDropout = dropout };
        }

        if (item.Model.Architecture.Positional == CasePositional.Learned)
            stated.LearnedPositions = Positions(item, stated);
        return new ModelSpec { Architecture = stated, HiddenDropout = dropout };
    }

    private static ArchitectureSpec Dimensions(CaseArchitecture model) => new()
    {
        HiddenSize = model.HiddenSize,
        Layers = model.Layers,
        AttentionHeads = model.Heads,
        KeyValueHeads = model.KvHeads,
        HeadDimension = model.HeadDim,
        FeedForwardSize = model.FfnHiddenSize,
        VocabularySize = model.VocabSize,
        TiedEmbeddings = model.TiedEmbeddings,
        GatedFeedForward = model.GatedMlp,
        Normalization = model.Norm == CaseNorm.LayerNorm ? Normalization.LayerNorm : Normalization.RMSNorm,
        Bias = model.Bias,
        Experts = model.Moe is { } moe ? Mixture(moe) : null,
        LatentAttention = model.Mla is { } mla ? Latent(mla) : null,
    };

    private static ExpertSpec Mixture(CaseMoe moe) => new()
    {
        Count = moe.Experts,
        ActivePerToken = moe.TopK,
        Size = moe.ExpertFfnHiddenSize,
        SharedSize = moe.SharedFfnHiddenSize ?? checked(moe.SharedExperts * moe.ExpertFfnHiddenSize),
        DenseLayers = moe.FirstDenseLayers,
    };

    private static LatentAttentionSpec Latent(CaseMla mla) => new()
    {
        QueryRank = checked((int)(mla.QLoraRank ?? 0)),
        KeyValueRank = checked((int)mla.KvLoraRank),
        PlainHeadDimension = mla.QkNopeHeadDim,
        RotaryHeadDimension = mla.QkRopeHeadDim,
        ValueHeadDimension = mla.VHeadDim,
    };

    /// <summary>Learned positions have no field of their own: they are the parameters that nothing else explains.</summary>
    private static long? Positions(MeasuredCase item, ArchitectureSpec stated)
    {
        List<JobProblem> problems = [];
        var model = ModelReader.Read(new ModelSpec { Architecture = stated }, ns: null, NoConfigMaps.Instance, problems);
        return model is null ? null : Math.Clamp((item.Model.Parameters - model.Parameters) / model.HiddenSize, 1, ModelLimits.MaxLearnedPositions);
    }

    private static bool IsSameShape(ModelArchitecture known, CaseArchitecture stated) =>
        (known.HiddenSize, known.Layers, known.AttentionHeads, known.KeyValueHeads, known.FeedForwardSize, known.VocabularySize)
        == (stated.HiddenSize, stated.Layers, stated.Heads, stated.KvHeads, stated.FfnHiddenSize, stated.VocabSize);
}
