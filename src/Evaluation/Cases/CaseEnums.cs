using System.Text.Json.Serialization;

namespace GpuMem.Evaluation.Cases;

/// <summary>The software that owns parameters, gradients and optimizer state.</summary>
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

/// <summary>The program whose code paths ran.</summary>
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

/// <summary>The kind of job.</summary>
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

/// <summary>The kind of norm.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseNorm>))]
public enum CaseNorm
{
    RMSNorm,
    LayerNorm,
}

/// <summary>How positions enter the model; learned ones are a table.</summary>
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

/// <summary>The optimizer; None for inference.</summary>
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

/// <summary>What FSDP divided.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseFsdp>))]
public enum CaseFsdp
{
    None,
    FullShard,
    ShardGradOp,
    Hybrid,
}

/// <summary>The order in which a pipeline works on micro-batches.</summary>
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

/// <summary>Which activations were computed again.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseRecompute>))]
public enum CaseRecompute
{
    None,
    Selective,
    SelectivePerOp,
    Full,
}

/// <summary>The attention kernel.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseAttention>))]
public enum CaseAttention
{
    Flash,
    Sdpa,
    Eager,
}

/// <summary>How logits and cross entropy were computed.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseLoss>))]
public enum CaseLoss
{
    FullLogits,
    Chunked,
    FusedLinear,
    VocabParallel,
}

/// <summary>Where offloaded tensors lived.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseOffloadTarget>))]
public enum CaseOffloadTarget
{
    None,
    Cpu,
    Nvme,
}

/// <summary>The format of quantised weights.</summary>
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

/// <summary>The program that served.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseEngine>))]
public enum CaseEngine
{
    Transformers,
    Vllm,
    Other,
}

/// <summary>Which tokens of a prompt got logits.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseLogits>))]
public enum CaseLogits
{
    LastToken,
    AllTokens,
}

/// <summary>What the loss was computed from, where that was not the next token.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseObjective>))]
public enum CaseObjective
{
    Dpo,
    Orpo,
    Kto,
    Grpo,
    Rloo,
}

/// <summary>What was measured, or only observed.</summary>
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

/// <summary>How much of what matters the source states.</summary>
[JsonConverter(typeof(ExactEnumConverter<CaseConfidence>))]
public enum CaseConfidence
{
    High,
    Medium,
}
