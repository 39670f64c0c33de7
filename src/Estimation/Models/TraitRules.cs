using static GpuMem.Estimation.Models.ModelRules;

namespace GpuMem.Estimation.Models;

/// <summary>Dimensions of what only some models have: experts, latent attention, windows, recurrent layers.</summary>
internal static class TraitRules
{
    public static void Check(ModelArchitecture model, ref ProblemList problems)
    {
        Within(model.Streams, ModelLimits.MaxStreams, "number of streams between layers", ref problems);
        if (model.Experts is { } experts)
            CheckExperts(model, experts, ref problems);
        if (model.Latent is { } latent)
            CheckLatent(model, latent, ref problems);
        if (model.Window is { } window)
        {
            Within(window.Tokens, JobLimits.MaxSequenceLength, "sliding window", ref problems);
            Within(window.Layers, model.Layers, "number of layers with a sliding window", ref problems, least: 0);
        }

        if (model.StateSpace is { } states)
            CheckStates(model, states, ref problems);
        if (model.EncoderLayers > 0 && model is not { Experts: null, Latent: null, StateSpace: null })
            problems.Add("model", "an encoder beside the decoder goes with ordinary attention and dense layers only");
        if (model.Parts is { } parts && parts.Layers.Count != (long)model.EncoderLayers + model.Layers)
            problems.Add("model", $"the number of layers is {(long)model.EncoderLayers + model.Layers}, but what it is made of lists {parts.Layers.Count}; both must be the same");
        Within(model.VisionParameters, long.MaxValue / 16, "number of parameters of the vision part", ref problems, least: 0);
        if (problems.Any)
            return;

        try
        {
            _ = model.Parameters;
            _ = model.PredictionParameters;
        }
        catch (OverflowException)
        {
            problems.Add("model", "these dimensions make more than 2^63 parameters; check the number and width of experts, layers and heads");
        }
    }

    private static void CheckExperts(ModelArchitecture model, MixtureOfExperts experts, ref ProblemList problems)
    {
        Within(experts.Count, ModelLimits.MaxExperts, "number of experts", ref problems);
        Within(experts.ActivePerToken, Math.Max(1, experts.Count), "number of experts per token", ref problems);
        Within(experts.ExpertSize, ModelLimits.MaxWidth, "width of an expert", ref problems);
        Within(experts.SharedSize, ModelLimits.MaxWidth, "width of the shared experts", ref problems, least: 0);
        Within(experts.DenseLayers, model.Layers, "number of dense layers", ref problems, least: 0);
        Within(experts.LayerStep, ModelLimits.MaxLayers, "number of layers per layer with experts", ref problems);
        if (model.StateSpace is not null)
            problems.Add("model", "experts together with recurrent layers are not covered");
    }

    private static void CheckLatent(ModelArchitecture model, LatentAttention latent, ref ProblemList problems)
    {
        Within(latent.QueryRank, ModelLimits.MaxRank, "rank of the queries", ref problems, least: 0);
        Within(latent.KeyValueRank, ModelLimits.MaxRank, "rank of keys and values", ref problems);
        Within(latent.PlainHeadDimension, ModelLimits.MaxHeadDimension, "head dimension without positions", ref problems);
        Within(latent.RotaryHeadDimension, ModelLimits.MaxHeadDimension, "rotary head dimension", ref problems, least: 0);
        Within(latent.ValueHeadDimension, ModelLimits.MaxHeadDimension, "head dimension of values", ref problems);
        if (!problems.Any && model.HeadDimension != (long)latent.PlainHeadDimension + latent.RotaryHeadDimension)
            problems.Add("model", $"the head dimension {model.HeadDimension} is not the sum of its plain and rotary parts {latent.PlainHeadDimension} + {latent.RotaryHeadDimension}");
    }

    private static void CheckStates(ModelArchitecture model, StateSpace states, ref ProblemList problems)
    {
        Within(states.Layers, model.Layers, "number of recurrent layers", ref problems);
        Within(states.InnerSize, ModelLimits.MaxWidth, "inner size", ref problems);
        Within(states.StateSize, ModelLimits.MaxRank, "size of the state", ref problems);
        Within(states.Groups, ModelLimits.MaxRank, "number of groups of the state", ref problems);
        Within(states.ConvolutionSize, ModelLimits.MaxRank, "size of the convolution", ref problems);
        Within(states.Heads, ModelLimits.MaxHeads, "number of recurrent heads", ref problems);
        Within(states.HeadDimension, ModelLimits.MaxHeadDimension, "dimension of a recurrent head", ref problems);
    }
}
