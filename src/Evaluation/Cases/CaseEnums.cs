using System.Text.Json.Serialization;

namespace GpuMem.Evaluation.Cases;

[JsonConverter(typeof(ExactEnumConverter<CaseFramework>))]
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

[JsonConverter(typeof(ExactEnumConverter<CaseTrainer>))]
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

[JsonConverter(typeof(ExactEnumConverter<CaseMode>))]
public enum CaseMode
{
    Pretrain,
    FullFineTune,
    LoRA,
    QLoRA,
    Inference,
    ComponentOnly,
}

[JsonConverter(typeof(ExactEnumConverter<CaseNorm>))]
public enum CaseNorm
{
    RMSNorm,
    LayerNorm,
}

[JsonConverter(typeof(ExactEnumConverter<CasePositional>))]
public enum CasePositional
{
    Rope,
    Alibi,
    Learned,
}

/// <summary>Number formats of all fields that name one; not every field allows every format.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseDataType>))]
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

[JsonConverter(typeof(ExactEnumConverter<CaseOptimizer>))]
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

[JsonConverter(typeof(ExactEnumConverter<CaseFsdp>))]
public enum CaseFsdp
{
    None,
    FullShard,
    ShardGradOp,
    Hybrid,
}

[JsonConverter(typeof(ExactEnumConverter<CaseSchedule>))]
public enum CaseSchedule
{
    None,
    OneFOneB,
    Interleaved,
    Gpipe,
}

/// <summary>Which pipeline rank a value belongs to.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseRank>))]
public enum CaseRank
{
    Max,
    First,
    Last,
    Any,
}

[JsonConverter(typeof(ExactEnumConverter<CaseRecompute>))]
public enum CaseRecompute
{
    None,
    Selective,
    SelectivePerOp,
    Full,
}

[JsonConverter(typeof(ExactEnumConverter<CaseAttention>))]
public enum CaseAttention
{
    Flash,
    Sdpa,
    Eager,
}

[JsonConverter(typeof(ExactEnumConverter<CaseLoss>))]
public enum CaseLoss
{
    FullLogits,
    Chunked,
    FusedLinear,
    VocabParallel,
}

[JsonConverter(typeof(ExactEnumConverter<CaseOffloadTarget>))]
public enum CaseOffloadTarget
{
    None,
    Cpu,
    Nvme,
}

[JsonConverter(typeof(ExactEnumConverter<CaseScheme>))]
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

[JsonConverter(typeof(ExactEnumConverter<CaseEngine>))]
public enum CaseEngine
{
    Transformers,
    Vllm,
    Other,
}

[JsonConverter(typeof(ExactEnumConverter<CaseLogits>))]
public enum CaseLogits
{
    LastToken,
    AllTokens,
}

[JsonConverter(typeof(ExactEnumConverter<CaseObjective>))]
public enum CaseObjective
{
    Dpo,
    Orpo,
    Kto,
    Grpo,
    Rloo,
}

[JsonConverter(typeof(ExactEnumConverter<CaseMetric>))]
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
[JsonConverter(typeof(ExactEnumConverter<CaseComponent>))]
public enum CaseComponent
{
    Weights,
    KvCache,
    WeightsAndKvCache,
    Logits,
    Activations,
    NonTorch,
}

[JsonConverter(typeof(ExactEnumConverter<CaseConfidence>))]
public enum CaseConfidence
{
    High,
    Medium,
}
