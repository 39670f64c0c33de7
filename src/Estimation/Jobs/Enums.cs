namespace GpuMem.Estimation.Jobs;

/// <summary>What is trained. Pretraining and full fine-tuning need the same memory and are both <see cref="Full"/>.</summary>
public enum TrainingMethod
{
    /// <summary>All weights.</summary>
    Full,

    /// <summary>Low-rank adapters beside frozen weights (arXiv 2106.09685).</summary>
    LoRA,

    /// <summary>The same beside quantised weights (arXiv 2305.14314).</summary>
    QLoRA,
}

/// <summary>The software that owns parameters, gradients and optimizer state: it decides buffers and defaults.</summary>
public enum TrainingFramework
{
    /// <summary>torch.distributed.fsdp, which divides weights, gradients and states.</summary>
    PyTorchFSDP,

    /// <summary>deepspeedai/DeepSpeed and its stages of ZeRO.</summary>
    DeepSpeed,

    /// <summary>Megatron Core and what divides models as it does.</summary>
    Megatron,

    /// <summary>torch DistributedDataParallel, or one GPU: nothing is divided.</summary>
    DDP,

    /// <summary>transformers and accelerate on torch alone.</summary>
    HuggingFace,

    /// <summary>huggingface/nanotron.</summary>
    Nanotron,
}

/// <summary>Data types of weights, gradients and states; TF32 is a compute mode whose storage is FP32.</summary>
public enum Precision
{
    /// <summary>Everything in four bytes.</summary>
    FP32,

    /// <summary>Everything in four bytes; products are made of 19 bits.</summary>
    TF32,

    /// <summary>Products in fp16 over fp32 weights or a copy of them.</summary>
    FP16Mixed,

    /// <summary>Products in bf16 over fp32 weights or a copy of them.</summary>
    BF16Mixed,

    /// <summary>Everything in bf16.</summary>
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

/// <summary>What updates the weights, and so which states are kept for each of them.</summary>
public enum Optimizer
{
    /// <summary>Two moments; Adam keeps the same (arXiv 1711.05101).</summary>
    AdamW,

    /// <summary>Two moments of eight bits (bitsandbytes, arXiv 2110.02861).</summary>
    AdamW8bit,

    /// <summary>The same in unified memory, which the driver moves to the host under pressure.</summary>
    PagedAdamW8bit,

    /// <summary>No state.</summary>
    SGD,

    /// <summary>One moment.</summary>
    SGDMomentum,

    /// <summary>Rows and columns of the second moment (arXiv 1804.04235).</summary>
    Adafactor,

    /// <summary>One moment (arXiv 2302.06675).</summary>
    Lion,

    /// <summary>One moment for matrices, AdamW for the rest (arXiv 2502.16982).</summary>
    Muon,

    /// <summary>Two moments in unified memory.</summary>
    PagedAdamW,

    /// <summary>Two moments of four bits (torchao).</summary>
    AdamW4bit,

    /// <summary>One moment of eight bits.</summary>
    Lion8bit,

    /// <summary>A first moment and one number for each block of weights (arXiv 2406.16793).</summary>
    AdamMini,

    /// <summary>Three moments (arXiv 2409.03137).</summary>
    AdEMAMix,

    /// <summary>A moment and the diagonal of the Hessian (arXiv 2305.14342).</summary>
    Sophia,

    /// <summary>A first moment and factors of two more (arXiv 2307.02047).</summary>
    CAME,

    /// <summary>Moments of projected gradients (arXiv 2403.03507).</summary>
    GaLore,

    /// <summary>No state; each gradient is used and freed at once (arXiv 2306.09782).</summary>
    LOMO,

    /// <summary>As LOMO, with rows and columns of the second moment (arXiv 2310.10195).</summary>
    AdaLomo,
}

/// <summary>What is divided over the data-parallel ranks: ZeRO stages 0 to 3 (arXiv 1910.02054); <see cref="Full"/> is also FSDP.</summary>
public enum Sharding
{
    /// <summary>Every rank holds all of them.</summary>
    None = 0,

    /// <summary>Optimizer states are divided: ZeRO-1.</summary>
    Optimizer = 1,

    /// <summary>Gradients, too: ZeRO-2, SHARD_GRAD_OP.</summary>
    Gradients = 2,

    /// <summary>Weights, too: ZeRO-3, FULL_SHARD.</summary>
    Full = 3,
}

/// <summary>Activation checkpointing: what the backward pass computes again instead of keeping.</summary>
public enum Recompute
{
    /// <summary>All activations are kept.</summary>
    None,

    /// <summary>Some operators or modules are computed again.</summary>
    Selective,

    /// <summary>Whole layers are: only their inputs are kept (arXiv 1604.06174).</summary>
    Full,
}

/// <summary>Eager attention keeps the quadratic score matrix; the others do not.</summary>
public enum AttentionKernel
{
    /// <summary>One kernel that never stores the scores (arXiv 2205.14135).</summary>
    Flash,

    /// <summary>torch scaled_dot_product_attention: the same, but with a mask for padding and windows.</summary>
    SDPA,

    /// <summary>Scores and softmax are tensors of their own.</summary>
    Eager,
}

/// <summary>What a training loop holds of the model's outputs while backward runs.</summary>
public enum ModelOutputs
{
    /// <summary>The loss alone, as the Trainer of transformers does.</summary>
    Dropped,

    /// <summary>All, and so the logits: <c>outputs = model(...); outputs.loss.backward()</c>.</summary>
    Held,

    /// <summary>The same, and accelerate has made the logits fp32 (accelerate utils/operations.py, convert_outputs_to_fp32).</summary>
    HeldInFP32,
}

/// <summary>How logits and cross entropy are computed.</summary>
public enum LossKernel
{
    /// <summary>The logits of all tokens at once.</summary>
    Full,

    /// <summary>Chunk after chunk of tokens.</summary>
    Chunked,

    /// <summary>Fused with the product of the output matrix: the logits of a chunk are all there ever are (Liger, arXiv 2410.10989).</summary>
    Fused,

    /// <summary>
    /// All at once, and one kernel turns the logits into their gradient in place (Transformer Engine's; Megatron-LM --cross-entropy-fusion-impl te).
    /// </summary>
    InPlace,
}
