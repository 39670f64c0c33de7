namespace GpuMem.Estimation.Models;

public enum Normalization
{
    /// <summary>One weight per element.</summary>
    RMSNorm,

    /// <summary>Weight and bias per element.</summary>
    LayerNorm,
}

public enum QueryKeyNormalization
{
    None,

    /// <summary>One norm of the head dimension for queries and one for keys (Qwen3, Gemma 3).</summary>
    PerHead,

    /// <summary>Norms over the full query and key widths (OLMo 2).</summary>
    FullWidth,
}

public enum ModelKnowledge
{
    /// <summary>All dimensions are stated.</summary>
    Exact,

    /// <summary>The model type is not one we know: biases, norms and ties are taken to be as in Llama.</summary>
    UnknownFamily,

    /// <summary>Only the language part of a multimodal model is counted exactly.</summary>
    LanguagePartOnly,

    /// <summary>Only the number of parameters is stated; all dimensions are inferred.</summary>
    ParameterCountOnly,
}
