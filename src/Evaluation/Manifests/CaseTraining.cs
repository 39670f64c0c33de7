using System.Text.RegularExpressions;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Manifests;

/// <summary>The settings of training that a case states, field by field: nothing in it knows one case from another.</summary>
internal static partial class CaseTraining
{
    public static TrainingSettings Of(MeasuredCase item)
    {
        var batch = item.Batch;
        return new TrainingSettings
        {
            Method = item.Mode switch { CaseMode.LoRA => TrainingMethod.LoRA, CaseMode.QLoRA => TrainingMethod.QLoRA, _ => TrainingMethod.Full },
            Framework = Framework(item),
            Trainer = TrainerOf(item),
            TrainerVersion = Version(item),
            Objective = ObjectiveOf(item),
            Rollout = ObjectiveOf(item)?.Generates() == true ? Rollout(item) : null,
            DataTypes = Types(item),
            Optimizer = CaseValues.Optimizer(item.Optimizer),
            OptimizerOptions = Steps(item),
            SequenceLength = batch.SequenceLength,
            MicroBatchSize = batch.MicroBatch,
            GlobalBatchSize = GlobalBatch(item),
            Recompute = RecomputeOf(item),
            Attention = CaseValues.Attention(item.Attention),
            Padding = item.Batch.Padded,
            Loss = item.Loss switch { CaseLoss.Chunked => LossKernel.Chunked, CaseLoss.FusedLinear => LossKernel.Fused, _ => LossKernel.Full },
            FusedKernels = Fused(item),
            Lora = item.Lora is { } lora ? new LoraSettings { Rank = lora.Rank, TargetModules = [.. lora.Targets] } : null,
            Quantization = item.Mode == CaseMode.QLoRA ? CaseValues.Quantization(item.Quantization) : null,
            Offload = Offload(item.Offload),
        };
    }

    private static long? GlobalBatch(MeasuredCase item) =>
        item.Batch.GradientAccumulation is { } passes ? checked(item.Batch.MicroBatch * item.Parallel.Data * passes) : null;

    /// <summary>Older files have no field for it; where their remark names an objective, the run had it.</summary>
    private static TrainingObjective? ObjectiveOf(MeasuredCase item) => item.Rollout is { } rollout ? CaseValues.Objective(rollout.Objective)
        : Objectives().Match(item.Note) is { Success: true, Value: var named } ? Enum.Parse<TrainingObjective>(named) : null;

    [GeneratedRegex(@"\b(DPO|ORPO|KTO|GRPO|RLOO)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Objectives();

    /// <summary>A step of fewer completions than a usual group is one group.</summary>
    private static RolloutSettings Rollout(MeasuredCase item) => new()
    {
        CompletionLength = item.Rollout?.CompletionLength,
        GroupSize = item.Rollout?.GroupSize ?? (GlobalBatch(item) is > 1 and < UsualGroup and var all ? (int)all : null),
    };

    private const int UsualGroup = 8;

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

    /// <summary>
    /// Of transformers, whose release 5 came at the end of 2025: what the case says of it, else by the year in its versions. Of torchtitan, whose first
    /// release is of 2025, by the month.
    /// </summary>
    private static string? Version(MeasuredCase item)
    {
        if (item.FrameworkVersion is not { } versions)
            return null;
        if (TrainerOf(item) == Trainer.Torchtitan)
            return MonthBeforeTorchtitan01().IsMatch(versions) ? "0.0" : null;
        if (TrainerOf(item) is not (Trainer.HuggingFace or Trainer.PlainLoop))
            return null;
        const string named = "transformers ";
        if (versions.IndexOf(named, StringComparison.Ordinal) is >= 0 and var at && versions[(at + named.Length)..] is [>= '1' and <= '9' and var major, '.', ..])
            return major.ToString();
        return YearBeforeRelease5().IsMatch(versions) ? "4" : null;
    }

    [GeneratedRegex(@"\b202[0-5]\b", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex YearBeforeRelease5();

    [GeneratedRegex(@"\b(2024-\d\d|2025-0[1-3])\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MonthBeforeTorchtitan01();

    /// <summary>A compiler of another framework of its own, such as torchtitan's graph trainer, need not fuse what torch.compile does.</summary>
    private static bool? Fused(MeasuredCase item) => item is { Compile: true, Framework: not CaseFramework.Other } ? true : null;

    private static DataTypeSettings Types(MeasuredCase item)
    {
        var precision = item.Precision;
        return new DataTypeSettings
        {
            Compute = CaseValues.Type(precision.Compute),
            Weights = CaseValues.Type(precision.Parameters),
            MasterWeights = Copy(precision.MasterParameters),
            Gradients = CaseValues.Type(precision.Gradients),
            GradientCopy = GradientCopy(item),
            Moments = CaseValues.Type(precision.OptimizerStates),
            Adapters = item.Lora is { } lora ? CaseValues.Type(lora.AdapterDtype) : null,
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
        null or CaseDataType.None => CopyType.None,
        CaseDataType.Fp32 => CopyType.FP32,
        CaseDataType.Fp16 => CopyType.FP16,
        _ => CopyType.BF16,
    };

    private static OptimizerSettings? Steps(MeasuredCase item) => item is { ForeachOptimizer: null, OptimizerInBackward: false } ? null : new OptimizerSettings
    {
        // A case tells multi-tensor steps from all others, and fused ones and loops need the same.
        Implementation = item.ForeachOptimizer switch { true => OptimizerImplementation.Foreach, false => OptimizerImplementation.Fused, _ => null },
        InBackward = item.OptimizerInBackward ? true : null,
    };

    /// <summary>Recomputing the attention core changes nothing for a kernel that never stores the scores.</summary>
    private static Recompute RecomputeOf(MeasuredCase item) => item.Recompute switch
    {
        CaseRecompute.Full => Recompute.Full,
        CaseRecompute.SelectivePerOp => Recompute.Selective,
        CaseRecompute.Selective when item.Attention == CaseAttention.Eager || item.Trainer == CaseTrainer.Megatron => Recompute.Selective,
        _ => Recompute.None,
    };

    /// <summary>Always stated, because a case states all of it and a program may have a default.</summary>
    private static OffloadSettings Offload(CaseOffload offload) => new()
    {
        Parameters = Target(offload.Parameters),
        Optimizer = Target(offload.Optimizer),
        Activations = offload.Activations,
    };

    private static OffloadTarget Target(CaseOffloadTarget target) => target switch
    {
        CaseOffloadTarget.Cpu => OffloadTarget.Host,
        CaseOffloadTarget.Nvme => OffloadTarget.NVMe,
        _ => OffloadTarget.None,
    };
}
