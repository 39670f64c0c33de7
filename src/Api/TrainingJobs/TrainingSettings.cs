using GpuMem.Api.Json;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

[Description(
    "How the model is trained. What is left out is as the trainer does it, where one is named and known to, else as the field says.")]
[ValidationRule(
    "!has(self.rollout) || (has(self.objective) && self.objective in ['GRPO', 'RLOO', 'PPO'])",
    message: "rollout is of completions that a model generates: set objective GRPO, RLOO or PPO, or take rollout away")]
[ValidationRule(
    "!has(self.rewardModel) || !self.rewardModel || (has(self.objective) && self.objective in ['GRPO', 'RLOO', 'PPO'])",
    message: "rewardModel scores completions that a model generates: set objective PPO, GRPO or RLOO, or take rewardModel away")]
[ValidationRule(
    "!has(self.valueTraining) || (has(self.objective) && self.objective == 'PPO')",
    message: "valueTraining is of the value model of objective PPO: set it, or take valueTraining away")]
[ValidationRule(
    "!has(self.valueTraining) || self.valueTraining != 'Together' || !has(self.offload) || !has(self.offload.betweenSteps) || !self.offload.betweenSteps",
    message: "valueTraining Together works on both models at once, and offload.betweenSteps lets each leave for the other: take one away")]
[ValidationRule("!has(self.trainerVersion) || has(self.trainer)", message: "trainerVersion is a release of trainer: name the trainer")]
[ValidationRule(
    "!has(self.trainer) || !(self.trainer in ['Megatron', 'Nanotron']) || !has(self.method) || self.method == 'Full'",
    message: "trainer Megatron and Nanotron train whole models only: set method Full, or another trainer such as MegatronBridge or HuggingFace")]
[ValidationRule(
    "!has(self.microBatchSize) || type(self.microBatchSize) != string || has(self.globalBatchSize)",
    message: "microBatchSize Auto divides globalBatchSize: give that, or a microBatchSize")]
[ValidationRule(
    "!has(self.quantization) || (has(self.method) && self.method == 'QLoRA')",
    message: "quantization is of frozen weights under adapters: set method QLoRA, or take quantization away")]
[ValidationRule(
    "!has(self.recomputeModules) || size(self.recomputeModules) == 0 || (has(self.recompute) && self.recompute == 'Selective')"
    + " || (has(self.recompute) && self.recompute == 'Auto')",
    message: "recomputeModules are those of recompute Selective: set it, or name no modules")]
[ValidationRule(
    "!has(self.recomputeLayers) || (has(self.recompute) && (self.recompute == 'Full' || self.recompute == 'Auto'))",
    message: "recomputeLayers are those of recompute Full: set it, or leave them away for all layers")]
[ValidationRule(
    "!has(self.offload) || !((has(self.offload.parameters) && self.offload.parameters == 'NVMe') || (has(self.offload.optimizer) && self.offload.optimizer == 'NVMe')) || (has(self.framework) && self.framework == 'DeepSpeed')",
    message: "only framework DeepSpeed offloads to NVMe: set it, or offload to Host")]
public sealed class TrainingSettings
{
    [Description(
        "The program whose code computes layers and loss; two programs over one framework can differ by tens of percent. Default: the "
        + "framework's usual one, Torchtitan for PyTorchFSDP, PlainLoop for DDP, HuggingFace for DeepSpeed and HuggingFace. Example: TRL.")]
    public Trainer? Trainer { get; set; }

    [Length(1, 32)]
    [Pattern("^[0-9][0-9A-Za-z.+-]*$")]
    [Description(
        "Release of the trainer, for HuggingFace that of transformers. One that is not known is taken to do what the nearest known "
        + "one does, and the estimate says so. Default: not said. Example: 5.8.1.")]
    public string? TrainerVersion { get; set; }

    [Description("What is trained; pretraining and full fine-tuning are both Full. Default Full.")]
    public TrainingMethod? Method { get; set; }

    [Description(
        "The software that owns parameters and states: it decides buffers and defaults. Default: the trainer's, else PyTorchFSDP; Torchtitan, Torchtune and LitGPT wrap nothing on a single GPU, which is DDP.")]
    public TrainingFramework? Framework { get; set; }

    [Description(
        "Data types of weights, gradients and states, as a framework's recipe of this name has them. Default BF16Mixed; BF16 for "
        + "method Full under trainer Axolotl and, from version 5, HuggingFace, where nothing is divided, under Axolotl also where FSDP 2 divides.")]
    public Precision? Precision { get; set; }

    [Description("Data types of single kinds of tensors, over those of precision. Default: as precision says.")]
    public DataTypeSettings? DataTypes { get; set; }

    [Description("The optimizer. Default AdamW.")]
    public Optimizer? Optimizer { get; set; }

    [Description("How the optimizer steps. Default: as the program does.")]
    public OptimizerSettings? OptimizerOptions { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens per sequence; with padding, the longest. Example: 8192.")]
    public long? SequenceLength { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 65536", message: "give Auto or a number from 1 to 65536")]
    [Description("Sequences per GPU and forward pass. Auto: the best at this globalBatchSize, accumulation making up for it. Default 1.")]
    public OrAuto<long>? MicroBatchSize { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxGlobalBatchSize)]
    [Description(
        "Sequences per optimizer step over all GPUs; gradient accumulation follows from it. Default: one micro-batch per data "
        + "parallel rank. Example: 128.")]
    public long? GlobalBatchSize { get; set; }

    [Description(
        "Activation checkpointing: what backward computes again instead of keeping. Auto: the least that fits, where more does not pay. Default None; Selective under trainer Torchtitan, "
        + "Full under TRL, LLaMAFactory, Unsloth and Verl.")]
    public OrAuto<Recompute>? Recompute { get; set; }

    [Items(maxItems: 8, MaxLength = 32)]
    [Description(
        "Parts of a layer that framework Megatron computes again under recompute Selective, by the names of its --recompute-modules: "
        + "core_attn, layernorm, mla_up_proj, mlp, moe, moe_act, shared_experts. Default: core_attn. Example: [layernorm, moe_act].")]
    public IList<string>? RecomputeModules { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description(
        "Layers of each pipeline stage, from the first on, that framework Megatron computes again under recompute Full; the others keep "
        + "everything (its --recompute-method block and --recompute-num-layers). Default: all. Example: 4.")]
    public int? RecomputeLayers { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(JobLimits.MaxPredictionModules)]
    [Description(
        "Modules that predict further tokens, trained beside the model on its last stage under framework Megatron (its --mtp-num-layers). "
        + "Default 0. Example: 1.")]
    public int? PredictionModules { get; set; }

    [Description("Eager keeps the quadratic score matrix; Flash and SDPA do not. Default Flash.")]
    public AttentionKernel? Attention { get; set; }

    [Description(
        "Whether sequences of a micro-batch are padded, so that SDPA gets a mask and repeats keys and values of shared heads; flash "
        + "attention takes lengths instead. Default false, and the upper bound covers it from two sequences on. Example: true.")]
    public bool? Padding { get; set; }

    [Description(
        "What the training loop holds of the outputs of a transformers model while backward runs: Dropped keeps the loss alone, Held "
        + "the logits too, HeldInFP32 logits that accelerate has made fp32. Default Dropped, as the Trainer of transformers; Held "
        + "under trainer PlainLoop.")]
    public ModelOutputs? Outputs { get; set; }

    [Description(
        "How logits and cross entropy are computed: Full for all tokens at once, Chunked, Fused with the output matrix, or InPlace, "
        + "which turns all logits into their gradient where they are. Default Full; Fused under trainer Unsloth, Chunked "
        + "for objective SFT under TRL from version 1.7, InPlace for log-probabilities under Verl.")]
    public LossKernel? Loss { get; set; }

    [Description(
        "The kernels of a layer are fused, by torch.compile or by the framework; false also says that state-space layers of "
        + "transformers run without mamba-ssm. Default: as the framework does.")]
    public bool? FusedKernels { get; set; }

    [Description("Adapters, for LoRA and QLoRA.")]
    public LoraSettings? Lora { get; set; }

    [Description("How frozen weights under QLoRA are stored. Default: doubly quantised NF4.")]
    public QuantizationSettings? Quantization { get; set; }

    [Description("What leaves the GPU between uses. Default: nothing; activations under trainer Unsloth.")]
    public OffloadSettings? Offload { get; set; }

    [Description(
        "What the loss is computed from: SFT the next token, also of pretraining; DPO and ORPO pairs of answers, two sequences each; KTO "
        + "single answers; GRPO, RLOO and PPO completions that the model generates, PPO beside a value model. Default SFT; DPO where referenceModel is true.")]
    public TrainingObjective? Objective { get; set; }

    [Description(
        "A frozen reference model beside the trained one; under adapters it is the model without them. Default true for objective DPO, "
        + "KTO, RLOO and PPO, else false. Example: true.")]
    public bool? ReferenceModel { get; set; }

    [Description(
        "When the value model (critic) of objective PPO is trained, which has the layers of the trained model: Together with it in one pass and by one optimizer, "
        + "InTurn in steps of its own on the same GPUs, Separate on other GPUs, or Shared, as a head on the policy's own layers. Default Together; InTurn under trainer "
        + "Verl and NeMoRL, Separate under OpenRLHF, Shared under LLaMAFactory.")]
    public ValueTraining? ValueTraining { get; set; }

    [Description(
        "A frozen model of the trained one's size scores completions on the same GPUs. Default true for objective PPO under trainer TRL and LLaMAFactory, else false. Example: true.")]
    public bool? RewardModel { get; set; }

    [Description("How objective GRPO, RLOO or PPO generates completions. Default: by the trainer between steps, or on other GPUs; "
        + "Colocated under trainer Verl and NeMoRL.")]
    public RolloutSettings? Rollout { get; set; }

    [Description("A moving average of the weights is kept in fp32. Default false.")]
    public bool? MovingAverage { get; set; }

    [Description(
        "PyTorch's allocator grows its segments in place of taking further ones (PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True), and keeps less beside what is used. "
        + "Default false; true under trainer Axolotl. Example: true.")]
    public bool? ExpandableSegments { get; set; }
}

public sealed class LoraSettings
{
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxLoraRank)]
    [Description("Rank of the adapters. Default 16.")]
    public int? Rank { get; set; }

    [Items(maxItems: 32, MaxLength = 64)]
    [Description("Linear layers with adapters. Default: all of a block. Example: [q_proj, v_proj].")]
    public IList<string>? TargetModules { get; set; }

    [Items(maxItems: 8, MaxLength = 64)]
    [Description(
        "Modules outside the blocks that are trained whole, as copies beside the frozen ones: embed_tokens, wte, lm_head. Default: "
        + "none. Example: [embed_tokens, lm_head].")]
    public IList<string>? ModulesToSave { get; set; }

    [Description("Weight-decomposed adapters (DoRA): a trained magnitude for each output. Default false.")]
    public bool? Decomposed { get; set; }

    [Description("Each adapter drops out parts of its input (lora_dropout above 0), and keeps what is left with a mask. Default true for trainers TRL and LitGPT, else false.")]
    public bool? Dropout { get; set; }
}

[Description(
    "Data types of single kinds of tensors. What is left out follows from precision, framework and the types that are given: without "
    + "a master copy, gradients and moments have the type of the weights they belong to.")]
[ValidationRule("!has(self.compute) || self.compute != 'INT8'", message: "matrices are not multiplied in INT8: use FP32, TF32, FP16, BF16, FP8, MXFP8 or NVFP4 for compute")]
[ValidationRule("!has(self.weights) || self.weights in ['FP32', 'FP16', 'BF16', 'FP8']", message: "weights are kept in FP32, FP16, BF16 or FP8")]
[ValidationRule("!has(self.gradients) || self.gradients in ['FP32', 'FP16', 'BF16', 'FP8']", message: "gradients are kept in FP32, FP16, BF16 or FP8")]
[ValidationRule("!has(self.moments) || self.moments in ['FP32', 'FP16', 'BF16', 'FP8', 'INT8']", message: "moments are kept in FP32, FP16, BF16, FP8 or INT8")]
[ValidationRule("!has(self.adapters) || self.adapters in ['FP32', 'FP16', 'BF16']", message: "adapters are kept in FP32, FP16 or BF16")]
public sealed class DataTypeSettings
{
    [Description(
        "Of matrix products and of the activations kept for backward: FP32, TF32, FP16, BF16, FP8, MXFP8 or NVFP4. Default: as "
        + "precision says. Example: BF16.")]
    public DataType? Compute { get; set; }

    [Description(
        "Of the persistent weights, and under QLoRA of those that are not quantised: FP32, FP16, BF16 or FP8. Default: as precision "
        + "says. Example: BF16.")]
    public DataType? Weights { get; set; }

    [Description(
        "Of a separate copy that the optimizer updates; None when the weights are that copy. Default: as precision says. Example: "
        + "FP32.")]
    public CopyType? MasterWeights { get; set; }

    [Description(
        "Of the gradients, or of the buffer that accumulates them: FP32, FP16, BF16 or FP8. Default: as precision says. Example: "
        + "BF16.")]
    public DataType? Gradients { get; set; }

    [Description(
        "Of a second copy of the gradients during the optimizer step. Default: FP32 where DeepSpeed or Megatron keeps narrower "
        + "gradients than master weights, else None.")]
    public CopyType? GradientCopy { get; set; }

    [Description(
        "Of each moment of the optimizer: FP32, FP16, BF16 or FP8; INT8 for 8-bit optimizers only. Default: as precision says. "
        + "Example: BF16.")]
    public DataType? Moments { get; set; }

    [Description("Of the adapters: FP32, FP16 or BF16. Default: as precision says; BF16 for method QLoRA under trainer TRL. Example: BF16.")]
    public DataType? Adapters { get; set; }
}

[Description("How the optimizer steps.")]
public sealed class OptimizerSettings
{
    [Description(
        "Which of torch's implementations runs: Foreach copies the parameters, ForLoop the largest tensor twice, Fused nothing. "
        + "Default: not known, which the upper bound covers; Fused under trainer Axolotl and, from version 5, HuggingFace; Foreach for AdamW under "
        + "PlainLoop around a transformers model; no copy under Megatron, DeepSpeed and Nanotron.")]
    public OptimizerImplementation? Implementation { get; set; }

    [Description(
        "The optimizer steps inside backward and frees each gradient at once, as torchtune's optimizer_in_bwd. Default false; true "
        + "for LOMO and AdaLomo.")]
    public bool? InBackward { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxLoraRank)]
    [Description("Rank of GaLore's projections. Default 128. Example: 1024.")]
    public int? ProjectionRank { get; set; }
}

[Description("How frozen weights are stored in fewer bits; embeddings and norms stay as they are.")]
public sealed class QuantizationSettings
{
    [Required]
    [Description("The format. Default without quantization: NF4DoubleQuantized. Example: GPTQ4.")]
    public QuantizationScheme? Scheme { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxQuantizationGroup)]
    [Description("Weights that share a scale, of AQLM a code. Default: 64 for NF4, FP4 and HQQ, 128 for GPTQ, AWQ and FP8, 8 for AQLM. Example: 128.")]
    public int? GroupSize { get; set; }
}

[Description("What leaves the GPU between uses.")]
public sealed class OffloadSettings
{
    [Description("Weights, gathered for use only; needs sharding Full, and NVMe needs framework DeepSpeed. Default None.")]
    public OffloadTarget? Parameters { get; set; }

    [Description(
        "Optimizer states, with the step itself and the master weights. Default None; Host under FSDP when parameters are offloaded.")]
    public OffloadTarget? Optimizer { get; set; }

    [Description("Checkpointed activations wait for backward in host memory. Default false; true under trainer Unsloth.")]
    public bool? Activations { get; set; }

    [Description(
        "Weights and optimizer states of what is trained wait in host memory while another model works on the GPU: the generation engine, or the value model in turn "
        + "(verl's param_offload and optimizer_offload, OpenRLHF's deepspeed_enable_sleep). Default false; true for objectives that generate under trainer NeMoRL. Example: true.")]
    public bool? BetweenSteps { get; set; }
}
