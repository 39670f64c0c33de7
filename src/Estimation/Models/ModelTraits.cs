namespace GpuMem.Estimation.Models;

/// <summary>The kinds of norm.</summary>
public enum Normalization
{
    /// <summary>One weight per element.</summary>
    RMSNorm,

    /// <summary>Weight and bias per element.</summary>
    LayerNorm,
}

/// <summary>Whether queries and keys pass a norm before attention.</summary>
public enum QueryKeyNormalization
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>One norm of the head dimension for queries and one for keys (Qwen3, Gemma 3).</summary>
    PerHead,

    /// <summary>Norms over the full query and key widths (OLMo 2).</summary>
    FullWidth,
}

/// <summary>Which linear layers make queries, keys and values.</summary>
public enum QueryKeyValueProjection
{
    /// <summary>Three.</summary>
    Separate,

    /// <summary>One, of whose result all three are views (GPT-2).</summary>
    Joint,

    /// <summary>One; rotary positions copy queries and keys, values stay a view of the whole result (Phi-3, GPT-NeoX).</summary>
    JointRotated,
}

/// <summary>How many tensors the activation function of a feed-forward leaves for backward.</summary>
public enum ActivationFunction
{
    /// <summary>Its input: one kernel computes it (SiLU, GELU).</summary>
    OneKernel,

    /// <summary>One for each of its operations: GELU written out in Python (<c>gelu_new</c>).</summary>
    Composed,

    /// <summary>Its result, which the next layer keeps anyway.</summary>
    ReLU,

    /// <summary>ReLU's result and its square (Nemotron, AFM).</summary>
    SquaredReLU,

    /// <summary>Those of xIELU's operations in Python (Apertus; arXiv 2411.13010).</summary>
    XIELU,
}

/// <summary>What is known of a model, and so how exact its count of parameters is.</summary>
public enum ModelKnowledge
{
    /// <summary>All dimensions are stated.</summary>
    Exact,

    /// <summary>The model type is not one we know: biases, norms and ties are taken to be as in Llama.</summary>
    UnknownFamily,

    /// <summary>Weights and caches are counted layer by layer; what its layers keep for backward is taken to be as in Llama of these widths.</summary>
    PartsOnly,

    /// <summary>Only the language part of a multimodal model is counted exactly.</summary>
    LanguagePartOnly,

    /// <summary>Only the number of parameters is stated; all dimensions are inferred.</summary>
    ParameterCountOnly,
}
