using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Inference;

/// <summary>A model that serves a number of sequences at once. Lengths in tokens.</summary>
public sealed record InferenceSpec
{
    public required ModelArchitecture Model { get; init; }

    /// <summary>Of weights that are not quantised.</summary>
    public DataType Weights { get; init; } = DataType.BF16;

    /// <summary>How the weights of linear layers are stored; null: as <see cref="Weights"/>.</summary>
    public WeightQuantization? Quantization { get; init; }

    public DataType KeyValues { get; init; } = DataType.BF16;

    public InferenceEngine Engine { get; init; } = InferenceEngine.HuggingFace;

    public long Sequences { get; init; } = 1;

    public required long PromptTokens { get; init; }

    public long GeneratedTokens { get; init; }

    /// <summary>The prompt's logits are computed for every token, not only for the last one.</summary>
    public bool LogitsOfAllTokens { get; init; }

    public int Tensor { get; init; } = 1;

    /// <summary>GPUs over which layers are divided.</summary>
    public int Pipeline { get; init; } = 1;

    public long TokensPerSequence => checked(PromptTokens + GeneratedTokens);
}

/// <summary>The program that serves; it decides how the cache is kept and what is expanded.</summary>
public enum InferenceEngine
{
    /// <summary>generate() of huggingface/transformers.</summary>
    HuggingFace,

    /// <summary>vllm-project/vllm: a paged cache.</summary>
    VLLM,

    /// <summary>Lightning-AI/litgpt: quantises the output matrix too, and replicates embedding and head over tensor-parallel ranks.</summary>
    LitGPT,
}
