using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Parts;

/// <summary>Counts a configuration's parts by the table of model types.</summary>
internal static class PartsReader
{
    public static ModelArchitecture Read(ConfigFields fields, string name, ModelType type)
    {
        var layers = type.LayersOf(fields);
        if (layers > ModelLimits.MaxLayers)
            throw fields.Refusal($"{layers} layers; at most {ModelLimits.MaxLayers} are accepted");
        try
        {
            var model = Count(fields, name, type, layers);
            return ModelFamily.OfCounted(fields.ModelType) is { } family ? WithLayersOf(family, model, fields) : model;
        }
        catch (OverflowException)
        {
            throw fields.Refusal("its dimensions multiply to more parameters than any model has; check the largest of them");
        }
    }

    private static ModelArchitecture Count(ConfigFields fields, string name, ModelType type, int layers)
    {
        var scope = new LayerScope(fields, layers);
        var (counted, kinds) = (new List<LayerParts>(layers), new Dictionary<LayerKey, LayerParts>());
        var feedForward = default((long Expert, long Shared, long Dense, bool Gated));
        var mixture = default(PartCount);
        for (scope.Index = 0; scope.Index < layers; scope.Index++)
        {
            scope.Kind = type.Kind(scope);
            var count = Add(type.Layer, scope);
            feedForward = count.FeedForward.Dense > feedForward.Dense ? count.FeedForward : feedForward;
            mixture = count.Experts > 0 ? count : mixture;
            var layer = count.Layer();

            // Most layers equal one that was seen: they share it.
            var key = new LayerKey(scope.Kind, layer.Sizes, count.Weights, layer.Experts, layer.Expert);
            counted.Add(kinds.TryGetValue(key, out var seen) && seen.Caches.SequenceEqual(layer.Caches) ? seen : kinds[key] = layer);
        }

        scope.Index = 0;
        scope.Kind = null;

        // What all layers' own widths make superfluous is no field that nobody read.
        foreach (var superfluous in (string[])["intermediate_size", "num_hidden_layers", "num_attention_heads", "head_dim"])
            _ = fields.Has(superfluous);
        var vocabulary = type.TokenRows?.Invoke(scope) ?? Ends.Vocabulary(scope);
        var tied = type.AlwaysTied ?? fields.Tied(type.Tied);
        var start = Add(type.Start, scope);
        start.Table(vocabulary, type.TokenWidth?.Invoke(scope) ?? scope.Hidden);
        var end = Add(type.End, scope);
        var (rows, columns) = type.Output?.Invoke(scope) ?? (vocabulary, type.TokenWidth?.Invoke(scope) ?? scope.Hidden);
        if (!tied)
            end.Head(rows, columns);
        var attends = scope.HasHeads;
        var parts = new ModelParts { Layers = counted, Start = start.Sizes, End = end.Sizes, TiedHead = tied ? PartCount.Times(rows, columns) : 0, HybridBlocks = counted.Exists(layer => layer.Caches.Any(cache => cache.Elements == 0)) ? counted.Sum(layer => layer.Blocks) : 0 };
        return new ModelArchitecture
        {
            Name = name,
            HiddenSize = scope.Hidden,
            Layers = layers,
            AttentionHeads = attends ? scope.Heads : 1,
            KeyValueHeads = attends ? Math.Min(scope.KeyValueHeads, scope.Heads) : 1,
            HeadDimension = attends ? LayerScope.Int(scope.HeadDimension) : LayerScope.Int(scope.Hidden),
            FeedForwardSize = feedForward.Dense,
            GatedFeedForward = mixture?.FeedForward.Gated ?? feedForward.Gated,
            VocabularySize = vocabulary,
            TiedEmbeddings = tied,
            Streams = LayerScope.Int(fields.Number("altup_num_inputs", "hc_mult") ?? 1),
            LogitSoftcapping = fields.Positive("final_logit_softcapping"),
            HasCache = type.HasCache,
            ContextLength = fields.Number("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "context_length") ?? 0,
            Experts = mixture is null ? null : Experts(mixture, counted),
            PredictionModules = LayerScope.Int(fields.Number("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers") ?? 0),
            Parts = parts,
            Knowledge = ModelKnowledge.PartsOnly,
        };
    }

    /// <summary>A dense feed-forward beside the experts is one that every token passes (Gemma 4).</summary>
    private static MixtureOfExperts Experts(PartCount mixture, List<LayerParts> layers) => new()
    {
        Count = mixture.Experts,
        ActivePerToken = mixture.ActiveExperts,
        ExpertSize = mixture.FeedForward.Expert,
        SharedSize = checked(mixture.FeedForward.Shared + mixture.FeedForward.Dense),
        DenseLayers = layers.TakeWhile(layer => layer.Experts == 0).Count(),
    };

    /// <summary>What layers keep for backward is known, too.</summary>
    private static ModelArchitecture WithLayersOf(ModelFamily family, ModelArchitecture model, ConfigFields fields) => family.Refine(WithLatent(model, fields) with
    {
        Normalization = family.Normalization,
        NormsPerLayer = family.NormsPerLayer + (fields.Flag("enable_moe_block") == true ? 3 : 0) + (fields.Flag("use_post_norm") == true ? 2 : 0),
        PartialRotary = family.PartialRotary,
        Activation = DecoderConfig.Activation(fields, family),
        HiddenDropout = DecoderConfig.HiddenDropout(fields, family),
        ScoreDropout = family.ScoreDropout,
        WideNormWeights = family.WideNormWeights,
        QueryKeyNormalization = fields.Flag("use_qk_norm") == false ? QueryKeyNormalization.None : family.QueryKeyNormalization,
        Window = Window(model.Parts!),
        Experts = model.Experts is { } experts ? experts with { SharedGate = family.SharedGate, WideRouter = family.WideRouter } : null,
        Knowledge = family.IsAlike ? model.Knowledge : ModelKnowledge.Exact,
    });

    /// <summary>Every head has keys and values of its own, made of one narrow vector.</summary>
    private static ModelArchitecture WithLatent(ModelArchitecture model, ConfigFields fields) => LatentConfig.Read(fields) is not { } latent ? model : model with
    {
        Latent = latent,
        KeyValueHeads = model.AttentionHeads,
        HeadDimension = LayerScope.Int((long)latent.PlainHeadDimension + latent.RotaryHeadDimension),
    };

    /// <summary>Of the layers that drop the oldest tokens; null where none does.</summary>
    private static SlidingWindow? Window(ModelParts parts)
    {
        var windows = parts.Layers.SelectMany(layer => layer.Caches.Select(cache => cache.Window).OfType<long>().Take(1)).ToList();
        return windows.Count == 0 ? null : new SlidingWindow(windows.Min(), windows.Count);
    }

    private static PartCount Add(Part[] parts, LayerScope scope)
    {
        var count = new PartCount();
        foreach (var part in parts)
            part(scope, count);
        return count;
    }

    private readonly record struct LayerKey(string? Kind, PartSizes Sizes, (long, long, long) Weights, int Experts, PartSizes Expert);
}
