using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

/// <summary>What a program, an optimizer or a framework does not do is an error that names both fields and the way out.</summary>
public sealed class TrainerRuleTests
{
    private static readonly JobSpec Job = Example.Job(Example.Llama8B, data: 8);

    [Theory]
    [InlineData(Trainer.Megatron, TrainingFramework.Megatron, TrainingMethod.LoRA, "training.method is LoRA", "MegatronBridge")]
    [InlineData(Trainer.Megatron, TrainingFramework.Megatron, TrainingMethod.QLoRA, "training.method is QLoRA", "HuggingFace")]
    [InlineData(Trainer.Nanotron, TrainingFramework.Nanotron, TrainingMethod.LoRA, "training.method is LoRA", "method Full")]
    [InlineData(Trainer.Nanotron, TrainingFramework.DDP, TrainingMethod.Full, "training.framework DDP", "both, or as neither")]
    [InlineData(Trainer.Torchtitan, TrainingFramework.Nanotron, TrainingMethod.Full, "training.framework Nanotron", "both, or as neither")]
    public void A_trainer_that_cannot(Trainer trainer, TrainingFramework framework, TrainingMethod method, params string[] says) =>
        Refused("training.trainer", training => training with { Trainer = trainer, Framework = framework, Method = method }, says);

    [Theory]
    [InlineData(Trainer.Megatron, TrainingFramework.DeepSpeed)]
    [InlineData(Trainer.Megatron, TrainingFramework.HuggingFace)]
    [InlineData(Trainer.MegatronBridge, TrainingFramework.Megatron)]
    [InlineData(Trainer.Nanotron, TrainingFramework.Nanotron)]
    [InlineData(Trainer.HuggingFace, TrainingFramework.DeepSpeed)]
    public void A_trainer_that_can(Trainer trainer, TrainingFramework framework) =>
        Assert.Empty(MemoryEstimator.Validate(Job with { Training = Job.Training with { Trainer = trainer, Framework = framework }, Parallelism = new ParallelismSpec { Data = 8 } }));

    [Theory]
    [InlineData(Optimizer.AdamW8bit, DataType.FP32, "optimizer AdamW8bit", "AdamW")]
    [InlineData(Optimizer.PagedAdamW8bit, DataType.BF16, "PagedAdamW8bit", "optimizer PagedAdamW")]
    [InlineData(Optimizer.AdamW4bit, DataType.INT8, "AdamW4bit", "4 bits")]
    [InlineData(Optimizer.AdamW, DataType.INT8, "optimizer AdamW ", "AdamW8bit")]
    [InlineData(Optimizer.AdamW, DataType.NVFP4, "NVFP4", "FP32, FP16, BF16, FP8, INT8")]
    public void Moments_that_the_optimizer_refuses(Optimizer optimizer, DataType moments, params string[] says) =>
        Refused("training.dataTypes.moments", training => training with { Optimizer = optimizer, DataTypes = new DataTypes { Moments = moments } }, says);

    [Fact]
    public void Types_in_which_nothing_is_kept()
    {
        Refused("training.dataTypes.compute", training => training with { DataTypes = new DataTypes { Compute = DataType.INT8 } }, "INT8", "BF16");
        Refused("training.dataTypes.weights", training => training with { DataTypes = new DataTypes { Weights = DataType.TF32 } }, "TF32", "BF16");
        Refused("training.dataTypes.gradients", training => training with { DataTypes = new DataTypes { Gradients = DataType.NVFP4 } }, "NVFP4", "BF16");
        Refused("training.dataTypes.masterWeights", training => training with { DataTypes = new DataTypes { MasterWeights = (CopyType)9 } }, "FP32");
        Refused("training.dataTypes.adapters", training => training with { DataTypes = new DataTypes { Adapters = DataType.BF16 } }, "training.method Full", "LoRA");
    }

    [Fact]
    public void What_nothing_quantises_recomputes_or_offloads()
    {
        Refused("training.quantization", training => training with { Quantization = new QuantizationSpec(QuantizationScheme.NF4) }, "training.method Full", "QLoRA");
        Refused("training.quantization.scheme", training => training with { Method = TrainingMethod.QLoRA, Quantization = new QuantizationSpec(QuantizationScheme.Q4KM) }, "Q4KM", "NF4DoubleQuantized");
        Refused("training.recomputeModules", training => training with { RecomputeModules = RecomputeModules.Norms }, "training.recompute Full", "Selective");
        Refused("training.recomputeModules", training => training with { RecomputeModules = RecomputeModules.Norms, Recompute = Recompute.Selective }, "training.framework PyTorchFSDP", "Megatron");
        Refused("training.offload", training => training with { Framework = TrainingFramework.Nanotron, Offload = new OffloadSpec { Activations = true } }, "training.framework Nanotron", "DeepSpeed");
        Refused("training.offload", training => training with { Offload = new OffloadSpec { Optimizer = OffloadTarget.NVMe } }, "PyTorchFSDP", "DeepSpeed");
    }

    [Fact]
    public void Experts_that_are_padded_to_nothing_or_are_not_there()
    {
        Named("parallelism.expertPadding", Job with { Parallelism = Job.Parallelism with { ExpertPadding = true } }, "parallelism.expertCapacityPercent");
        Named("parallelism.expertCapacityPercent", Job with { Parallelism = Job.Parallelism with { ExpertCapacityPercent = 100 } }, "no experts");
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("v2")]
    [InlineData("1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16")]
    public void A_release_that_is_none(string version) =>
        Refused("training.trainerVersion", training => training with { Trainer = Trainer.Torchtitan, TrainerVersion = version }, "such as 5.8.1");

    [Fact]
    public void A_release_of_nothing() => Refused("training.trainerVersion", training => training with { TrainerVersion = "5" }, "training.trainer");

    private static void Refused(string path, Func<TrainingSpec, TrainingSpec> change, params string[] says) => Named(path, Job with { Training = change(Job.Training) }, says);

    private static void Named(string path, JobSpec job, params string[] says)
    {
        var problem = Assert.Single(MemoryEstimator.Validate(job), problem => problem.Path == path);
        Assert.All(says, text => Assert.Contains(text, problem.Message, StringComparison.Ordinal));
    }
}
