using GpuMem.Estimation.Evaluation.Cases;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Evaluation;

/// <summary>The job that a case describes, field by field: nothing in it knows one case from another.</summary>
public static class CaseJobs
{
    public static JobSpec Training(MeasuredCase item)
    {
        var (batch, layout) = (item.Batch, item.Parallel);
        return new JobSpec
        {
            Model = CaseModels.Of(item),
            Training = new TrainingSpec
            {
                Method = item.Mode switch { CaseMode.LoRA => TrainingMethod.LoRA, CaseMode.QLoRA => TrainingMethod.QLoRA, _ => TrainingMethod.Full },
                Framework = Framework(item),
                Trainer = TrainerOf(item),
                Precision = item.Precision.Parameters == CaseDataType.Fp32 && item.Precision.Compute == CaseDataType.Fp32 ? Precision.FP32 : Precision.BF16Mixed,
                DataTypes = Types(item),
                Optimizer = OptimizerOf(item.Optimizer),
                OptimizerInBackward = item.OptimizerInBackward,
                OptimizerImplementation = item.ForeachOptimizer switch { true => OptimizerImplementation.Foreach, false => OptimizerImplementation.Fused, _ => null },
                SequenceLength = batch.SequenceLength,
                MicroBatchSize = batch.MicroBatch,
                GlobalBatchSize = batch.GradientAccumulation is { } passes ? checked(batch.MicroBatch * layout.Data * passes) : null,
                Recompute = RecomputeOf(item),
                Attention = AttentionOf(item.Attention),
                Loss = item.Loss switch { CaseLoss.Chunked => LossKernel.Chunked, CaseLoss.FusedLinear => LossKernel.Fused, _ => LossKernel.Full },
                FusedKernels = item.Compile ? true : null,
                Lora = item.Lora is { } lora ? new LoraSpec { Rank = lora.Rank, TargetModules = lora.Targets } : null,
                Quantization = item.Quantization is { } quantization ? new QuantizationSpec(Scheme(quantization.Scheme), quantization.GroupSize) : null,
                Offload = new OffloadSpec { Parameters = Target(item.Offload.Parameters), Optimizer = Target(item.Offload.Optimizer), Activations = item.Offload.Activations },
            },
            Parallelism = new ParallelismSpec
            {
                Tensor = layout.Tensor,
                Pipeline = layout.Pipeline,
                Context = layout.Context,
                Expert = layout.Expert,
                Data = layout.Data,
                SequenceParallel = layout.SequenceParallel,
                VirtualStages = layout.VirtualStages,
                Schedule = layout.PipelineSchedule switch
                {
                    CaseSchedule.Interleaved => PipelineSchedule.Interleaved,
                    CaseSchedule.Gpipe => PipelineSchedule.GPipe,
                    _ => PipelineSchedule.OneForwardOneBackward,
                },
                Sharding = ShardingOf(item.Sharding),
                ShardGroup = item.Sharding.Fsdp == CaseFsdp.Hybrid ? Math.Min(new ParallelismSpec().GpusPerNode, layout.Data) : null,
                FsdpVersion = item.Framework is CaseFramework.PyTorchFsdp1 or CaseFramework.Composer or CaseFramework.LitGpt ? 1 : 2,
            },
        };
    }

    public static InferenceSpec Inference(MeasuredCase item)
    {
        var inference = item.Inference!;
        return new InferenceSpec
        {
            Model = CaseModels.Of(item),
            Engine = inference.Engine switch
            {
                CaseEngine.Vllm => InferenceEngine.VLLM,
                CaseEngine.Transformers => InferenceEngine.HuggingFace,
                _ when item.Framework == CaseFramework.LitGpt => InferenceEngine.LitGPT,
                _ => InferenceEngine.Other,
            },
            Weights = Type(item.Precision.Parameters),
            Quantization = item.Quantization is { } quantization ? new QuantizationSpec(Scheme(quantization.Scheme), quantization.GroupSize) : null,
            KvCacheDtype = inference.KvCacheDtype switch
            {
                CaseDataType.Fp32 => KeyValueCacheType.FP32,
                CaseDataType.Fp16 => KeyValueCacheType.FP16,
                CaseDataType.Fp8 => KeyValueCacheType.FP8,
                CaseDataType.Int8 => KeyValueCacheType.INT8,
                _ => KeyValueCacheType.BF16,
            },
            Batch = inference.Batch,
            InputLength = inference.InputLength,
            OutputLength = inference.OutputLength,
            Logits = inference.Logits == CaseLogits.AllTokens ? PrefillLogits.AllTokens : PrefillLogits.LastToken,
            Attention = AttentionOf(item.Attention),
            Tensor = item.Parallel.Tensor,
            Pipeline = item.Parallel.Pipeline,
        };
    }

    /// <summary>The pipeline stage that the case was measured on; null for the most loaded one.</summary>
    public static int? Stage(MeasuredCase item) => item.Parallel.Rank switch
    {
        CaseRank.First => 0,
        CaseRank.Last => item.Parallel.Pipeline - 1,
        _ => null,
    };

    private static TrainingFramework Framework(MeasuredCase item) => item.Framework switch
    {
        CaseFramework.DeepSpeed => TrainingFramework.DeepSpeed,
        CaseFramework.MegatronLM or CaseFramework.MegatronBridge => TrainingFramework.Megatron,
        CaseFramework.Nanotron => TrainingFramework.Nanotron,

        // The remaining programs use FSDP where they shard, and plain or distributed data parallelism where they do not.
        _ when item.Sharding.Fsdp != CaseFsdp.None => TrainingFramework.PyTorchFSDP,
        CaseFramework.HfTransformers or CaseFramework.HfPeft or CaseFramework.Unsloth => TrainingFramework.HuggingFace,
        _ => TrainingFramework.DDP,
    };

    private static Trainer? TrainerOf(MeasuredCase item) => item.Trainer switch
    {
        CaseTrainer.Torchtitan => Trainer.Torchtitan,
        CaseTrainer.Torchtune => Trainer.Torchtune,
        CaseTrainer.LitGpt => Trainer.LitGPT,
        CaseTrainer.Composer => Trainer.Composer,
        CaseTrainer.Nanotron => Trainer.Nanotron,
        CaseTrainer.Megatron => item.Framework == CaseFramework.MegatronBridge ? Trainer.MegatronBridge : Trainer.Megatron,
        CaseTrainer.HfTrainer => Trainer.HuggingFace,
        CaseTrainer.MsSwift => Trainer.MsSwift,
        CaseTrainer.QwenRemoteCode => Trainer.RemoteCode,
        CaseTrainer.RawLoop => Trainer.PlainLoop,
        CaseTrainer.Unsloth => Trainer.Unsloth,
        _ => null,
    };

    private static DataTypes Types(MeasuredCase item)
    {
        var precision = item.Precision;
        return new DataTypes
        {
            Compute = Type(precision.Compute),
            Weights = Type(precision.Parameters),
            MasterWeights = Copy(precision.MasterParameters),
            Gradients = Type(precision.Gradients),
            GradientCopy = GradientCopy(item),
            Moments = Type(precision.OptimizerStates),
            Adapters = item.Lora is { } lora ? Type(lora.AdapterDtype) : null,
        };
    }

    /// <summary>
    /// Half-precision gradients become fp32 for the step of an fp32 master copy. Nanotron's second copy is the other way around: a bf16 gradient
    /// that is added to the fp32 buffer and freed as soon as it is made (nanotron src/nanotron/optim/gradient_accumulator.py).
    /// </summary>
    private static CopyType GradientCopy(MeasuredCase item) => item.Framework switch
    {
        CaseFramework.Nanotron => CopyType.None,
        CaseFramework.DeepSpeed when item.Precision is { Gradients: not CaseDataType.Fp32, MasterParameters: CaseDataType.Fp32 } => CopyType.FP32,
        _ => Copy(item.Precision.ExtraGradients),
    };

    private static CopyType Copy(CaseDataType? type) => type switch
    {
        null => CopyType.None,
        CaseDataType.Fp32 => CopyType.FP32,
        CaseDataType.Fp16 => CopyType.FP16,
        _ => CopyType.BF16,
    };

    private static DataType Type(CaseDataType type) => type switch
    {
        CaseDataType.Fp32 => DataType.FP32,
        CaseDataType.Tf32 => DataType.TF32,
        CaseDataType.Fp16 => DataType.FP16,
        CaseDataType.Fp8 => DataType.FP8,
        CaseDataType.MxFp8 => DataType.MXFP8,
        CaseDataType.NvFp4 => DataType.NVFP4,
        CaseDataType.Int8 => DataType.INT8,
        _ => DataType.BF16,
    };

    private static AttentionKernel AttentionOf(CaseAttention attention) => attention switch
    {
        CaseAttention.Eager => AttentionKernel.Eager,
        CaseAttention.Sdpa => AttentionKernel.SDPA,
        _ => AttentionKernel.Flash,
    };

    private static Optimizer OptimizerOf(CaseOptimizer optimizer) => optimizer switch
    {
        CaseOptimizer.Sgd => Optimizer.SGD,
        CaseOptimizer.SgdMomentum => Optimizer.SGDMomentum,
        CaseOptimizer.AdamW8bit => Optimizer.AdamW8bit,
        CaseOptimizer.PagedAdamW => Optimizer.PagedAdamW,
        CaseOptimizer.PagedAdamW8bit => Optimizer.PagedAdamW8bit,
        CaseOptimizer.Adafactor => Optimizer.Adafactor,
        CaseOptimizer.Lion => Optimizer.Lion,
        CaseOptimizer.GaLore => Optimizer.GaLore,
        _ => Optimizer.AdamW,
    };

    /// <summary>Recomputing the attention core changes nothing for a kernel that never stores the scores.</summary>
    private static Recompute RecomputeOf(MeasuredCase item) => item.Recompute switch
    {
        CaseRecompute.Full => Recompute.Full,
        CaseRecompute.SelectivePerOp => Recompute.Selective,
        CaseRecompute.Selective when item.Attention == CaseAttention.Eager || item.Trainer == CaseTrainer.Megatron => Recompute.Selective,
        _ => Recompute.None,
    };

    private static Sharding ShardingOf(CaseSharding sharding) => sharding switch
    {
        { Fsdp: CaseFsdp.FullShard or CaseFsdp.Hybrid } => Sharding.Full,
        { Fsdp: CaseFsdp.ShardGradOp } => Sharding.Gradients,
        { ZeroStage: 0, DistributedOptimizer: true } => Sharding.Optimizer,
        _ => (Sharding)sharding.ZeroStage,
    };

    private static OffloadTarget Target(CaseOffloadTarget target) => target switch
    {
        CaseOffloadTarget.Cpu => OffloadTarget.Host,
        CaseOffloadTarget.Nvme => OffloadTarget.NVMe,
        _ => OffloadTarget.None,
    };

    private static QuantizationScheme Scheme(CaseScheme scheme) => scheme switch
    {
        CaseScheme.Nf4 => QuantizationScheme.NF4,
        CaseScheme.Fp4 => QuantizationScheme.FP4,
        CaseScheme.Fp4DoubleQuant => QuantizationScheme.FP4DoubleQuantized,
        CaseScheme.Int8 => QuantizationScheme.INT8,
        CaseScheme.Gptq4 => QuantizationScheme.GPTQ4,
        CaseScheme.Gptq8 => QuantizationScheme.GPTQ8,
        CaseScheme.Awq4 => QuantizationScheme.AWQ4,
        CaseScheme.Fp8 => QuantizationScheme.FP8,
        _ => QuantizationScheme.NF4DoubleQuantized,
    };
}
