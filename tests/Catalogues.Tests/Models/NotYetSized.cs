namespace GpuMem.Catalogues.Tests.Models;

/// <summary>The models of the catalogue that are not sized within 0.5 % of what is published yet, by reason.</summary>
internal static class NotYetSized
{
    /// <summary>Its picture tower is a convolutional network (MobileNetV5) that is not counted.</summary>
    public static readonly HashSet<string> Towers = ["google/gemma-3n-E4B-it"];

    /// <summary>Embedding models, whose files have no output matrix while their class has one.</summary>
    public static readonly HashSet<string> WithoutHead = ["intfloat/e5-mistral-7b-instruct", "Qwen/Qwen3-Embedding-8B"];

    /// <summary>Known and refused: encoders beside BERT's kin, projected embeddings, a number that is a list of one for each layer.</summary>
    public static readonly HashSet<string> Refused =
    [
        "answerdotai/ModernBERT-base", "answerdotai/ModernBERT-large", "facebook/opt-350m", "tencent/Hunyuan-A13B-Instruct",
    ];
}
