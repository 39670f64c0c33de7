namespace GpuMem.Estimation.Models;

/// <summary>Feed-forward layers of which a router picks a few per token (arXiv 2101.03961). Counts and widths, in elements.</summary>
public sealed record MixtureOfExperts
{
    /// <summary>Routed experts of one layer.</summary>
    public required int Count { get; init; }

    /// <summary>Experts the router picks for a token.</summary>
    public required int ActivePerToken { get; init; }

    /// <summary>Feed-forward width of one routed expert.</summary>
    public required long ExpertSize { get; init; }

    /// <summary>Width of all experts that every token passes, together; 0 when there are none.</summary>
    public long SharedSize { get; init; }

    /// <summary>A gate of one output before the shared experts (Qwen2-MoE).</summary>
    public bool SharedGate { get; init; }

    /// <summary>The router has a bias or a correction per expert (gpt-oss, DeepSeek V3).</summary>
    public bool RouterBias { get; init; }

    /// <summary>The experts' matrices have biases (gpt-oss).</summary>
    public bool ExpertBias { get; init; }

    /// <summary>Gate and up are clamped, and the activation is written out: seven tensors of an expert's width are kept, not four (gpt-oss).</summary>
    public bool ClampsGate { get; init; }

    /// <summary>The router of transformers multiplies a copy of its input in fp32 (GLM-4.5; DeepSeek's, whose attention is latent, does, too).</summary>
    public bool WideRouter { get; init; }

    /// <summary>transformers hands every token to all experts, with a weight of nothing to those that the router has not picked (Llama 4).</summary>
    public bool PassesAll { get; init; }

    /// <summary>Leading layers with a dense feed-forward instead (DeepSeek).</summary>
    public int DenseLayers { get; init; }

    /// <summary>Every how many layers experts stand; the others are dense.</summary>
    public int LayerStep { get; init; } = 1;

    /// <summary>How many of the first <paramref name="layers"/> layers have experts.</summary>
    public long LayersAmong(long layers) => (Math.Max(layers, DenseLayers) / LayerStep) - (DenseLayers / LayerStep);
}
