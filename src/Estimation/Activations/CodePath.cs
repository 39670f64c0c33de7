using GpuMem.Estimation.Calibration;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Programs;

namespace GpuMem.Estimation.Activations;

/// <summary>What the code of one program keeps beyond what its framework makes it keep. Sources beside each entry; the choices are told in docs/estimation.md.</summary>
internal sealed record CodePath
{
    /// <summary>When nobody says whether kernels are fused.</summary>
    public required KernelFusion Kernels { get; init; }

    /// <summary>The file of the program, or of what it calls, that computes the plain loss.</summary>
    public required string LossSource { get; init; }

    /// <summary>Bytes per logit of the plain loss, expected and at most, all tensors from the product to its gradient.</summary>
    public required (int Expected, int Upper) Logit { get; init; }

    /// <summary>The same with a compiled loss.</summary>
    public int? CompiledLogit { get; init; }

    /// <summary>The same per logit of one rank, when the loss is computed on a divided vocabulary.</summary>
    public int? DividedLogit { get; init; }

    /// <summary>The loss is cut into chunks of tokens one after the other, but backward starts only when all are done: every chunk's logits stay.</summary>
    public int? ChunkedLogit { get; init; }

    /// <summary>Modules and loss are those of huggingface/transformers, which <see cref="TransformersLayer"/> counts.</summary>
    public bool IsTransformers { get; init; }

    /// <summary>Modules are Megatron Core's over Transformer Engine, which <see cref="MegatronLayer"/> counts.</summary>
    public bool IsMegatronCore { get; init; }

    /// <summary>The router's weights are applied inside experts, whose results are then not saved (Megatron Core from 0.12 on).</summary>
    public bool WeighsInsideExperts { get; init; }

    /// <summary>Keys and values are repeated for every head before SDPA (transformers before use_gqa_in_sdpa); flash attention never needs it.</summary>
    public bool RepeatsKeysAndValues { get; init; }

    /// <summary>All experts run in one grouped product (transformers 5, integrations/moe.py); else one after the other.</summary>
    public bool GroupsExperts { get; init; }

    /// <summary>What the loop holds of the model's outputs while backward runs, when nobody says.</summary>
    public ModelOutputs Outputs { get; init; }

    /// <summary>The optimizer's step when nobody says: torch takes Foreach on a GPU, and a program may ask for another.</summary>
    public OptimizerImplementation? Step { get; init; }

    public FrozenInputs FrozenInputs { get; init; }

    /// <summary>Adapters drop out parts of their inputs unless told otherwise.</summary>
    public bool AdapterDropout { get; init; }

    /// <summary>Queries, keys and values come from one module, adapted or not as a whole.</summary>
    public bool JointQueryKeyValueAdapter { get; init; }

    /// <summary>The output matrix is quantised like those of the blocks, and expanded at so many bytes per weight when used.</summary>
    public int ExpandedHead { get; init; }

    /// <summary>Under FSDP the input embedding is a unit of its own, divided again as soon as it has been used.</summary>
    public bool DividesEmbeddingAgain { get; init; }

    /// <summary>Gradients are accumulated before they are reduced: of whole units, though FSDP divides the weights.</summary>
    public bool AccumulatesWhole { get; init; }

    /// <summary>Inputs of column-parallel layers are gathered in forward and kept, instead of gathered again in backward.</summary>
    public bool KeepsGatheredInputs { get; init; }

    /// <summary>The joint result of the query-key-value product stays beside the rotated copies.</summary>
    public bool KeepsJointQueryKeyValue { get; init; }

    /// <summary>The result of the gate's activation function is kept beside its input and the product, although kernels are fused elsewhere.</summary>
    public bool KeepsGateActivation { get; init; }

    public static CodePath Of(TrainingSpec training) => (training.Trainer ?? Usual(training.Framework)) switch
    {
        // A loop on one GPU or with adapters is one around a transformers or PEFT model, which computes the loss itself.
        Trainer.PlainLoop when training.Framework == TrainingFramework.HuggingFace || training.Method != TrainingMethod.Full => IsOld(training) ? OldHuggingFace : Loop,
        Trainer.Torchtitan => Torchtitan,
        Trainer.Torchtune => Torchtune,
        Trainer.LitGPT => LitGPT,
        Trainer.Composer => Composer,
        Trainer.Megatron => Megatron,
        Trainer.MegatronBridge => MegatronBridge,
        Trainer.Nanotron => Nanotron,
        Trainer.PlainLoop => PlainLoop,
        Trainer.MsSwift => MsSwift,
        Trainer.RemoteCode => RemoteCode,
        Trainer.Unsloth => Unsloth,
        _ => IsOld(training) ? OldHuggingFace : HuggingFace,
    };

    private static Trainer Usual(TrainingFramework framework) => framework switch
    {
        TrainingFramework.PyTorchFSDP => Trainer.Torchtitan,
        TrainingFramework.Megatron => Trainer.Megatron,
        TrainingFramework.Nanotron => Trainer.Nanotron,
        TrainingFramework.DDP => Trainer.PlainLoop,
        _ => Trainer.HuggingFace,
    };

    /// <summary>Before release 5; what is not said is taken to be new.</summary>
    private static bool IsOld(TrainingSpec training) => TrainerVersions.Major(training.TrainerVersion) is > 0 and < 5;

    // huggingface/transformers 5, loss_utils.py: log-softmax 4, its gradient from the likelihood 4, that of the fp32 copy 4; logits and copy are
    // gone before, unless something holds the logits. Read off real steps: hack/oracle.sh.
    private static readonly CodePath HuggingFace = new()
    {
        LossSource = "huggingface/transformers src/transformers/loss/loss_utils.py",
        Kernels = KernelFusion.Eager,
        Logit = (12, 16),
        IsTransformers = true,
        GroupsExperts = true,
    };

    // Before: the fp32 logits are what the model returns, and a shifted copy besides. TrainingArguments.optim is adamw_torch, torch's AdamW as it comes.
    private static readonly CodePath OldHuggingFace = HuggingFace with
    {
        Logit = (16, 16),
        RepeatsKeysAndValues = true,
        GroupsExperts = false,
        Step = OptimizerImplementation.Foreach,
    };

    // A loop of one's own: outputs = model(...); outputs.loss.backward(); torch.optim.AdamW(model.parameters()).
    private static readonly CodePath Loop = HuggingFace with { Outputs = ModelOutputs.Held, Step = OptimizerImplementation.Foreach };

    // torch.nn.functional.cross_entropy under autocast: bf16 logits 2, log-softmax 4, its gradient 4, that of the logits 2; the cast is not kept.
    private static readonly CodePath PlainLoop = new()
    {
        LossSource = "torch.nn.functional.cross_entropy under autocast",
        Kernels = KernelFusion.Eager,
        Logit = (12, 16),
    };

    // pytorch/torchtitan components/loss.py: cross_entropy(pred.float()), the bf16 logits are freed before backward. Over a divided
    // vocabulary (loss_parallel on DTensor) their gradient coexists with the fp32 ones. parallelize.py shards tok_embeddings, blocks, and norm with output.
    private static readonly CodePath Torchtitan = new()
    {
        LossSource = "pytorch/torchtitan components/loss.py, cross entropy in fp32",
        Kernels = KernelFusion.Unknown,
        Logit = (14, 16),
        DividedLogit = FittedBytes.TorchtitanDividedLogit,
        DividesEmbeddingAgain = true,
    };

    // meta-pytorch/torchtune modules/transformer.py: output(h).float(), then as above; modules/loss for chunks.
    private static readonly CodePath Torchtune = new()
    {
        LossSource = "meta-pytorch/torchtune torchtune/modules/transformer.py, torchtune/modules/loss",
        Kernels = KernelFusion.Unknown,
        Logit = (16, 16),
        CompiledLogit = 14,
    };

    // Lightning-AI/litgpt: lm_head_chunk_size cuts the product into chunks of 128 tokens, all of which wait for backward;
    // Block, CausalSelfAttention and LoRALinear keep the inputs of first products; quantisation replaces every nn.Linear, lm_head among them;
    // fabric.no_backward_sync accumulates whole gradients.
    private static readonly CodePath LitGPT = new()
    {
        LossSource = "Lightning-AI/litgpt litgpt/utils.py, chunked_cross_entropy",
        Kernels = KernelFusion.Eager,
        Logit = FittedBytes.LitGPTLogit,
        ChunkedLogit = FittedBytes.LitGPTLogit.Expected,
        FrozenInputs = FrozenInputs.First,
        AdapterDropout = true,
        JointQueryKeyValueAdapter = true,
        KeepsJointQueryKeyValue = true,
        ExpandedHead = FittedBytes.LitGPTHead,
        AccumulatesWhole = true,
    };

    // mosaicml/llm-foundry: flash-attn's cross entropy works in place on fp32 logits.
    private static readonly CodePath Composer = new()
    {
        LossSource = "flash-attn losses/cross_entropy.py, in place; mosaicml/llm-foundry",
        Kernels = KernelFusion.Eager,
        Logit = (4, 6),
    };

    // Megatron-LM core/tensor_parallel/cross_entropy.py: bf16 logits 2, fp32 4, gradient in place.
    private static readonly CodePath Megatron = new()
    {
        LossSource = "Megatron-LM megatron/core/tensor_parallel/cross_entropy.py",
        Kernels = KernelFusion.Fused,
        Logit = (6, 6),
        DividedLogit = 6,
        IsMegatronCore = true,
        WeighsInsideExperts = true,
    };

    // NVIDIA-NeMo/Megatron-Bridge recipes: cross_entropy_loss_fusion with the kernel of Transformer Engine, which turns the bf16 logits into their gradient.
    private static readonly CodePath MegatronBridge = new()
    {
        LossSource = "Transformer Engine's fused cross entropy; NVIDIA-NeMo/Megatron-Bridge",
        Kernels = KernelFusion.Fused,
        Logit = (2, 6),
        DividedLogit = 2,
        IsMegatronCore = true,
        WeighsInsideExperts = true,
    };

    // huggingface/nanotron parallel/tensor_parallel/functional.py: fp32 logits 4, softmax 4; models/llama.py: GLUActivation multiplies in plain
    // torch, qkv_proj's result is split and rotated into copies.
    private static readonly CodePath Nanotron = new()
    {
        LossSource = "huggingface/nanotron parallel/tensor_parallel/functional.py",
        Kernels = KernelFusion.Fused,
        Logit = (8, 10),
        DividedLogit = 8,
        KeepsGatheredInputs = true,
        KeepsJointQueryKeyValue = true,
        KeepsGateActivation = true,
    };

    // Qwen's first remote code: no upcast; bf16 logits 2, shifted copy 2, log-softmax 2, gradients 2 + 2.
    private static readonly CodePath RemoteCode = new()
    {
        LossSource = "modeling_qwen.py of the checkpoint",
        Kernels = KernelFusion.Eager,
        Logit = (10, 16),
    };

    // modelscope/ms-swift of early 2024 over accelerate: the loss of the model's own code and the trainer's on fp32 copies, both shifted,
    // with predictions for the accuracy kept until after backward.
    private static readonly CodePath MsSwift = new()
    {
        LossSource = "modelscope/ms-swift of early 2024, fitted to its runs",
        Kernels = KernelFusion.Eager,
        Logit = FittedBytes.MsSwiftLogit,
    };

    // unslothai/unsloth kernels/fast_lora.py: one autograd function per block of adapters, which keeps the normalised input only.
    private static readonly CodePath Unsloth = new()
    {
        LossSource = "huggingface/transformers src/transformers/loss/loss_utils.py",
        Kernels = KernelFusion.Fused,
        Logit = (16, 16),
        FrozenInputs = FrozenInputs.Fused,
    };
}

/// <summary>Which inputs of frozen linear layers stay for backward although no gradient of their weights is made.</summary>
internal enum FrozenInputs
{
    /// <summary>None: autograd saves the input of a product for the weight's gradient only.</summary>
    None,

    /// <summary>Those of first products (queries, keys, values; gate, up), whose adapters share them.</summary>
    First,

    /// <summary>Adapters are fused into their block and recompute all but its input.</summary>
    Fused,
}
