namespace GpuMem.Catalogues.Parts;

/// <summary>The table of <c>model_type</c>s, each with the parts that its models are made of.</summary>
internal static class ModelTypes
{
    private static readonly Dictionary<string, ModelType> ByName = new(
        [.. DecoderTypes.Types, .. MixtureTypes.Types, .. RecurrentTypes.Types, .. EncoderTypes.Types, .. SequenceToSequenceTypes.Types, .. VisionLanguageTypes.Types], StringComparer.OrdinalIgnoreCase);

    /// <summary>Null for a type that is not known here.</summary>
    public static ModelType? Find(string? modelType) => modelType is not null && ByName.TryGetValue(modelType, out var type) ? type : null;
}
