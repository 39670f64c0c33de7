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

/// <summary>How logits and cross entropy are computed: all at once, in chunks of tokens, or fused with the output matrix.</summary>
public enum LossKernel
{
    Full,
    Chunked,
    Fused,
}
