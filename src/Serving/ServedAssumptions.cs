using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>What had to be assumed about a server.</summary>
internal static class ServedAssumptions
{
    /// <summary>Of a model that is served, whose layers keep nothing for backward.</summary>
    public static Assumption Of(InferenceSpec spec)
    {
        var model = spec.Model;
        var found = Assumptions.Of(model.Knowledge) & ~Assumption.OthersLayers;
        if (model.UnknownFamily is not null)
            found |= Assumption.UnknownFamily;
        if (!spec.StorageIsKnown)
            found |= Assumption.UnknownStorage;
        if (EngineVersions.Assumed(spec) is not null)
            found |= Assumption.EngineVersion;
        return model.UnreadFields.Count > 0 ? found | Assumption.UnreadFields : found;
    }

    /// <summary>With the storage and the release that are not known, which the words name.</summary>
    public static IReadOnlyList<string> Texts(Assumption assumptions, InferenceSpec spec)
    {
        var texts = Assumptions.WithFields(Assumptions.Texts(assumptions), spec.Model);
        if ((assumptions & Assumption.UnknownStorage) != Assumption.None)
            texts = [.. texts, $"{spec.Model.UnknownStorage} is not known; weights count {(spec.Model.CheckpointQuantization is null ? "in 16 bits, the most that they can be" : "as in files of that name today")}. State quantization, or take the upper figure."];
        if (spec is { Engine: InferenceEngine.HuggingFace, ExpandsMxfp4: false } && (spec.Quantization ?? spec.Model.CheckpointQuantization?.Usual)?.Scheme == QuantizationScheme.MXFP4)
            texts = [.. texts, "transformers keeps MXFP4 where the packages triton (3.4 or later) and kernels are installed; without them it loads those weights in bf16, which take 3.8 times as much."];
        return EngineVersions.Assumed(spec) is { } version ? [.. texts, version] : texts;
    }
}
