namespace GpuMem.Estimation.Jobs;

/// <summary>What is trained. Pretraining and full fine-tuning need the same memory and are both <see cref="Full"/>.</summary>
public enum TrainingMethod
{
    Full,
    LoRA,
    QLoRA,
}

/// <summary>The software that owns parameters, gradients and optimizer state: it decides buffers and defaults.</summary>
public enum TrainingFramework
{
    PyTorchFSDP,
    DeepSpeed,
    Megatron,
    DDP,
    HuggingFace,
    Nanotron,
}

/// <summary>Data types of weights, gradients and states; TF32 is a compute mode whose storage is FP32.</summary>
public enum Precision
{
    FP32,
    TF32,
    FP16Mixed,
    BF16Mixed,
    BF16,

    /// <summary>All tensors in half precision.</summary>
    FP16,

    /// <summary>Matrix products in FP8 over the mixed recipe (Transformer Engine, torchao float8).</summary>
    FP8,

    /// <summary>FP8 weights, gradients and first moment, half-precision master and second moment (MS-AMP O2, arXiv 2310.18313).</summary>
    FP8MSAMP,
}

/// <summary>torch's three implementations of an optimizer's step (torch.optim, "Algorithms").</summary>
public enum OptimizerImplementation
{
    /// <summary>All tensors in one call, which copies the parameters it works on.</summary>
    Foreach,

    /// <summary>One kernel for all operations of a step, without a copy.</summary>
    Fused,

    /// <summary>One tensor after the other.</summary>
    ForLoop,
}

public enum Optimizer
{
    AdamW,
    AdamW8bit,
    PagedAdamW8bit,
    SGD,
    SGDMomentum,
    Adafactor,
    Lion,
    Muon,
    PagedAdamW,
    AdamW4bit,
    Lion8bit,
    AdamMini,
    AdEMAMix,
    Sophia,
    CAME,
    GaLore,
    LOMO,
    AdaLomo,
}

/// <summary>What is divided over the data-parallel ranks: ZeRO stages 0 to 3 (arXiv 1910.02054); <see cref="Full"/> is also FSDP.</summary>
public enum Sharding
{
    None = 0,
    Optimizer = 1,
    Gradients = 2,
    Full = 3,
}

/// <summary>Activation checkpointing: what the backward pass computes again instead of keeping.</summary>
public enum Recompute
{
    None,
    Selective,
    Full,
}

/// <summary>Eager attention keeps the quadratic score matrix; the others do not.</summary>
public enum AttentionKernel
{
    Flash,
    SDPA,
    Eager,
}

/// <summary>How logits and cross entropy are computed.</summary>
public enum LossKernel
{
    /// <summary>The logits of all tokens at once.</summary>
    Full,

    /// <summary>Chunk after chunk of tokens.</summary>
    Chunked,

    /// <summary>
    /// Fused with the product of the output matrix: the logits of a chunk are all there ever are (Liger, arXiv 2410.10989).
    /// </summary>
    Fused,

    /// <summary>
    /// All at once, and one kernel turns the logits into their gradient in place (Megatron-LM --cross-entropy-loss-fusion).
    /// </summary>
    InPlace,
}
