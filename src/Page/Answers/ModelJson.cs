using GpuMem.Serving;
using GpuMem.Estimation.Models;

namespace GpuMem.Page.Answers;

/// <summary>A model for machines: counts, no bytes. What a model does not have is left out.</summary>
public static class ModelJson
{
    public static JsonObject Of(ModelArchitecture model)
    {
        var json = new JsonObject
        {
            ["name"] = model.Name,
            ["parameters"] = model.Parameters,
            ["activeParameters"] = model.ActiveParameters,
            ["layers"] = (long)model.Layers,
            ["hiddenSize"] = model.HiddenSize,
            ["attentionHeads"] = (long)model.AttentionHeads,
            ["keyValueHeads"] = (long)model.KeyValueHeads,
            ["headDimension"] = (long)model.HeadDimension,
            ["feedForwardSize"] = model.FeedForwardSize,
            ["vocabularySize"] = model.VocabularySize,
            ["tiedEmbeddings"] = model.TiedEmbeddings,
            ["knowledge"] = model.Knowledge.ToString(),
        };
        AddIf(json, "encoderLayers", model.EncoderLayers);
        AddIf(json, "predictionParameters", model.PredictionParameters);
        AddIf(json, "visionParameters", model.VisionParameters);
        if (model.HasCache)
            json["cache"] = Cache(model);
        if (model.Experts is { } experts)
            json["experts"] = Experts(experts);
        if (model.Latent is { } latent)
            json["latentAttention"] = Latent(latent);
        if (model.Window is { } window)
            json["slidingWindow"] = new JsonObject { ["tokens"] = window.Tokens, ["layers"] = (long)window.Layers };
        if (model.StateSpace is { } states)
            json["stateSpace"] = new JsonObject { ["layers"] = (long)states.Layers, ["innerSize"] = states.InnerSize, ["stateSize"] = (long)states.StateSize };
        if (model.UnknownStorage is { } unknown)
            json["unknownQuantization"] = unknown;
        if (model.CheckpointQuantization is { } quantization)
            json["quantization"] = quantization.Usual.Scheme.ToString();
        return json;
    }

    /// <summary>Bytes, as vLLM keeps them and as transformers does, where that differs.</summary>
    private static JsonObject Cache(ModelArchitecture model)
    {
        var (served, transformers) = (ModelCache.Of(model, InferenceEngine.VLLM), ModelCache.Of(model, InferenceEngine.HuggingFace));
        var json = new JsonObject { ["bytesPerToken"] = served.PerToken.Value };
        AddIf(json, "bytesPerSequence", served.PerSequence.Value);
        if (transformers != served)
        {
            json["transformersBytesPerToken"] = transformers.PerToken.Value;
            AddIf(json, "transformersBytesPerSequence", transformers.PerSequence.Value);
        }

        return json;
    }

    private static JsonObject Experts(MixtureOfExperts experts) => new()
    {
        ["count"] = (long)experts.Count,
        ["activePerToken"] = (long)experts.ActivePerToken,
        ["expertSize"] = experts.ExpertSize,
        ["sharedSize"] = experts.SharedSize,
        ["denseLayers"] = (long)experts.DenseLayers,
    };

    private static JsonObject Latent(LatentAttention latent) => new()
    {
        ["queryRank"] = (long)latent.QueryRank,
        ["keyValueRank"] = (long)latent.KeyValueRank,
        ["plainHeadDimension"] = (long)latent.PlainHeadDimension,
        ["rotaryHeadDimension"] = (long)latent.RotaryHeadDimension,
        ["valueHeadDimension"] = (long)latent.ValueHeadDimension,
    };

    private static void AddIf(JsonObject json, string name, long count)
    {
        if (count > 0)
            json[name] = count;
    }
}
