namespace GpuMem.Estimation.Jobs;

/// <summary>
/// The program whose code computes layers and loss. Two programs over one framework hold the same states
/// and still differ by tens of percent: in how they upcast logits, fuse kernels and keep inputs of frozen layers.
/// </summary>
public enum Trainer
{
    /// <summary>pytorch/torchtitan: the usual program over <see cref="TrainingFramework.PyTorchFSDP"/>.</summary>
    Torchtitan,

    /// <summary>pytorch/torchtune.</summary>
    Torchtune,

    /// <summary>Lightning-AI/litgpt.</summary>
    LitGPT,

    /// <summary>mosaicml/llm-foundry on Composer.</summary>
    Composer,

    /// <summary>NVIDIA/Megatron-LM.</summary>
    Megatron,

    /// <summary>NVIDIA-NeMo/Megatron-Bridge: Megatron Core with Transformer Engine's kernels switched on.</summary>
    MegatronBridge,

    /// <summary>huggingface/nanotron.</summary>
    Nanotron,

    /// <summary>The Trainer of huggingface/transformers.</summary>
    HuggingFace,

    /// <summary>A plain loop around transformers or PEFT models.</summary>
    PlainLoop,

    /// <summary>modelscope/ms-swift.</summary>
    MsSwift,

    /// <summary>Model code that comes with the checkpoint, as Qwen's first version did.</summary>
    RemoteCode,

    /// <summary>unslothai/unsloth: fused adapters, checkpoints on the host.</summary>
    Unsloth,

    /// <summary>huggingface/trl: trainers for supervised, preference and reinforcement learning over the Trainer of transformers.</summary>
    TRL,

    /// <summary>axolotl-ai-cloud/axolotl.</summary>
    Axolotl,

    /// <summary>hiyouga/LLaMA-Factory.</summary>
    LLaMAFactory,

    /// <summary>volcengine/verl: reinforcement learning over FSDP, with an inference engine on the same GPUs.</summary>
    Verl,

    /// <summary>OpenRLHF/OpenRLHF: reinforcement learning over DeepSpeed, with inference engines on GPUs of their own unless told otherwise.</summary>
    OpenRLHF,

    /// <summary>NVIDIA-NeMo/RL: reinforcement learning over FSDP or Megatron Core, with an inference engine on the same GPUs.</summary>
    NeMoRL,
}
