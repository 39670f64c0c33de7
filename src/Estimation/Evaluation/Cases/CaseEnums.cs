namespace GpuMem.Estimation.Evaluation.Cases;

public enum CaseFramework
{
    PyTorchDdp,
    PyTorchFsdp1,
    PyTorchFsdp2,
    DeepSpeed,
    MegatronLM,
    MegatronBridge,
    Nanotron,
    HfTransformers,
    HfPeft,
    Torchtune,
    LitGpt,
    Composer,
    Unsloth,
    Vllm,
    Other,
}

public enum CaseTrainer
{
    Torchtitan,
    Torchtune,
    LitGpt,
    Composer,
    Nanotron,
    Megatron,
    HfTrainer,
    MsSwift,
    QwenRemoteCode,
    RawLoop,
    Unsloth,
    Vllm,
    Unknown,
}

public enum CaseMode
{
    Pretrain,
    FullFineTune,
    LoRA,
    QLoRA,
    Inference,
    ComponentOnly,
}

public enum CaseNorm
{
    RMSNorm,
    LayerNorm,
}

public enum CasePositional
{
    Rope,
    Alibi,
    Learned,
}

/// <summary>Number formats of all fields that name one; not every field allows every format.</summary>
public enum CaseDataType
{
    None,
    Fp32,
    Tf32,
    Fp16,
    Bf16,
    Fp8,
    MxFp8,
    NvFp4,
    Int8,
}

public enum CaseOptimizer
{
    None,
    AdamW,
    Adam,
    Sgd,
    SgdMomentum,
    AdamW8bit,
    PagedAdamW,
    PagedAdamW8bit,
    Adafactor,
    Lion,
    GaLore,
}

public enum CaseFsdp
{
    None,
    FullShard,
    ShardGradOp,
    Hybrid,
}

public enum CaseSchedule
{
    None,
    OneFOneB,
    Interleaved,
    Gpipe,
}

/// <summary>Which pipeline rank a value belongs to.</summary>
public enum CaseRank
{
    Max,
    First,
    Last,
    Any,
}

public enum CaseRecompute
{
    None,
    Selective,
    SelectivePerOp,
    Full,
}

public enum CaseAttention
{
    Flash,
    Sdpa,
    Eager,
}

public enum CaseLoss
{
    FullLogits,
    Chunked,
    FusedLinear,
    VocabParallel,
}

public enum CaseOffloadTarget
{
    None,
    Cpu,
    Nvme,
}

public enum CaseScheme
{
    Nf4,
    Nf4DoubleQuant,
    Fp4,
    Fp4DoubleQuant,
    Int8,
    Gptq4,
    Gptq8,
    Awq4,
    Fp8,
}

public enum CaseEngine
{
    Transformers,
    Vllm,
    Other,
}

public enum CaseLogits
{
    LastToken,
    AllTokens,
}

public enum CaseMetric
{
    Allocated,
    Active,
    Reserved,
    Process,
    Unspecified,
    Fits,
    DoesNotFit,
}

/// <summary>Names as in the file: a part of the memory, scored apart from whole jobs.</summary>
public enum CaseComponent
{
    Weights,
    KvCache,
    WeightsAndKvCache,
    Logits,
    Activations,
    NonTorch,
}

public enum CaseConfidence
{
    High,
    Medium,
}
