using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns <c>spec.model.architecture</c> into dimensions.</summary>
internal static class ArchitectureReader
{
    /// <returns>Null when <paramref name="problems"/> has more entries than before.</returns>
    public static ModelArchitecture? Read(ArchitectureSpec spec, List<JobProblem> problems)
    {
        if (spec is not { HiddenSize: { } hidden, Layers: { } layers, AttentionHeads: { } heads, FeedForwardSize: { } feedForward, VocabularySize: { } vocabulary })
        {
            problems.Add(new JobProblem("model.architecture", "hiddenSize, layers, attentionHeads, feedForwardSize and vocabularySize are all needed"));
            return null;
        }
        var before = problems.Count;
        var latent = spec.LatentAttention is { } attention ? Latent(attention, problems) : null;
        var experts = spec.Experts is { } mixture ? Mixture(mixture, problems) : null;
        var headDimension = HeadDimension(spec, latent, hidden, heads, problems);
        if (problems.Count > before)
            return null;
        var bias = spec.Bias ?? false;
        return new ModelArchitecture
        {
            Name = "the given architecture",
            HiddenSize = hidden,
            Layers = layers,
            AttentionHeads = heads,
            KeyValueHeads = spec.KeyValueHeads ?? heads,
            HeadDimension = headDimension,
            FeedForwardSize = feedForward,
            VocabularySize = vocabulary,
            TiedEmbeddings = spec.TiedEmbeddings ?? false,
            GatedFeedForward = spec.GatedFeedForward ?? true,
            Normalization = spec.Normalization ?? Normalization.RMSNorm,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            FeedForwardBias = bias,
            QueryKeyNormalization = spec.QueryKeyNormalization ?? QueryKeyNormalization.None,
            LearnedPositions = spec.LearnedPositions ?? 0,
            Experts = experts,
            Latent = latent,
        };
    }

    private static int HeadDimension(ArchitectureSpec spec, LatentAttention? latent, long hidden, int heads, List<JobProblem> problems)
    {
        const string path = "model.architecture.headDimension";
        if (latent is not null)
        {
            var both = (long)latent.PlainHeadDimension + latent.RotaryHeadDimension;
            if (spec.HeadDimension is { } stated && stated != both)
                problems.Add(new JobProblem(path, $"{stated} is not {both}, the sum of latentAttention's plain and rotary part; take it away"));
            return (int)Math.Min(both, int.MaxValue);
        }
        if (spec.HeadDimension is { } given)
            return given;
        if (heads > 0 && hidden % heads == 0)
            return (int)(hidden / heads);
        problems.Add(new JobProblem(path, $"hiddenSize {hidden} cannot be divided by attentionHeads {heads}; give headDimension"));
        return 0;
    }

    private static MixtureOfExperts? Mixture(ExpertSpec spec, List<JobProblem> problems)
    {
        if (spec is { Count: { } count, ActivePerToken: { } active, Size: { } size })
            return new MixtureOfExperts { Count = count, ActivePerToken = active, ExpertSize = size, SharedSize = spec.SharedSize ?? 0, DenseLayers = spec.DenseLayers ?? 0 };
        problems.Add(new JobProblem("model.architecture.experts", "count, activePerToken and size are all needed"));
        return null;
    }

    private static LatentAttention? Latent(LatentAttentionSpec spec, List<JobProblem> problems)
    {
        if (spec is { KeyValueRank: { } rank, PlainHeadDimension: { } plain, RotaryHeadDimension: { } rotary, ValueHeadDimension: { } values })
            return new LatentAttention { QueryRank = spec.QueryRank ?? 0, KeyValueRank = rank, PlainHeadDimension = plain, RotaryHeadDimension = rotary, ValueHeadDimension = values };
        problems.Add(new JobProblem("model.architecture.latentAttention", "keyValueRank, plainHeadDimension, rotaryHeadDimension and valueHeadDimension are all needed"));
        return null;
    }
}
