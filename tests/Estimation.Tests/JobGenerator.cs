using FsCheck.Fluent;
using FsCheck;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests;

/// <summary>Jobs at random: sound ones for what estimates promise, wild ones for what validation promises.</summary>
internal static class JobGenerator
{
    /// <summary>Models whose sizes follow from their dimensions alone, so that one of these may be changed; what others are made of is counted already.</summary>
    public static IReadOnlyList<ModelArchitecture> ByDimensions { get; } = [.. ModelCatalogue.All.Where(model => model.Parts is null && model.Knowledge == ModelKnowledge.Exact)];

    public static Gen<JobSpec> Sound =>
        (from model in Gen.Elements(ByDimensions.AsEnumerable())
         from training in Training(Gen.Choose(1, 64).Select(n => 128L * n), Gen.Choose(1, 8).Select(n => (long)n))
         from parallelism in Parallelism(Gen.Elements(1, 2, 4, 8), Gen.Choose(1, 64))
         select new JobSpec { Model = model, Training = training, Parallelism = parallelism })
        .Select(Consistent)
        .Where(job => MemoryEstimator.Validate(job).Count == 0);

    public static Gen<JobSpec> Wild =>
        from model in Gen.Elements(ModelCatalogue.All.AsEnumerable())
        from hidden in WildNumber
        from layers in WildNumber
        from spoil in Gen.Choose(0, 9)
        from training in Training(WildNumber, WildNumber)
        from parallelism in Parallelism(WildDegree, WildDegree)
        select new JobSpec
        {
            Model = spoil switch { 0 => model with { HiddenSize = hidden }, 1 => model with { Layers = (int)layers, KeyValueHeads = (int)hidden }, _ => model },
            Training = training,
            Parallelism = parallelism,
        };

    /// <summary>Without what programs and optimizers refuse: few random combinations would remain.</summary>
    private static JobSpec Consistent(JobSpec job)
    {
        var training = job.Training;
        if (training is not { Recompute: Recompute.Selective, Framework: TrainingFramework.Megatron })
            training = training with { RecomputeModules = RecomputeModules.None };
        if (training.Framework == TrainingFramework.Nanotron)
            training = training with { Offload = new OffloadSpec() };
        if (training.DataTypes is { } types)
            training = training with { DataTypes = types with { Adapters = training.Method == TrainingMethod.Full ? null : types.Adapters, Moments = Moments(training.Optimizer, types.Moments) } };
        var sound = job with { Training = training };
        return MemoryEstimator.Validate(sound).Any(problem => problem.Path == "training.trainer") ? sound with { Training = training with { Trainer = null } } : sound;
    }

    private static DataType? Moments(Optimizer optimizer, DataType? type) => optimizer switch
    {
        Optimizer.AdamW8bit or Optimizer.PagedAdamW8bit or Optimizer.Lion8bit => DataType.INT8,
        Optimizer.AdamW4bit => null,
        _ => type,
    };

    private static Gen<DataTypes?> Types =>
        Gen.OneOf(
            Gen.Constant<DataTypes?>(null),
            from compute in Optional(DataType.FP32, DataType.BF16, DataType.FP8)
            from weights in Optional(DataType.FP32, DataType.BF16)
            from master in Gen.Elements<CopyType?>(null, CopyType.None, CopyType.FP32)
            from gradients in Optional(DataType.FP32, DataType.BF16)
            from copy in Gen.Elements<CopyType?>(null, CopyType.None, CopyType.FP32)
            from moments in Optional(DataType.FP32, DataType.BF16)
            from adapters in Optional(DataType.FP32, DataType.FP16)
            select (DataTypes?)new DataTypes { Compute = compute, Weights = weights, MasterWeights = master, Gradients = gradients, GradientCopy = copy, Moments = moments, Adapters = adapters });

    private static Gen<DataType?> Optional(params DataType[] types) => Gen.Elements<DataType?>([null, .. types.Select(type => (DataType?)type)]);

    private static Gen<long> WildNumber =>
        Gen.OneOf(Gen.Choose(1, 10_000).Select(n => (long)n), Gen.Elements(0L, -1L, 1L << 20, 1L << 40, long.MaxValue, long.MinValue, 100_000_000L, 65_536L));

    private static Gen<int> WildDegree =>
        Gen.OneOf(Gen.Elements(1, 1, 1, 2, 4, 8), Gen.Choose(1, 100), Gen.Elements(0, -1, int.MaxValue, int.MinValue, 1_000_000));

    private static Gen<TrainingSpec> Training(Gen<long> sequence, Gen<long> batch) =>
        from method in Any<TrainingMethod>()
        from framework in Any<TrainingFramework>()
        from precision in Any<Precision>()
        from optimizer in Any<Optimizer>()
        from length in sequence
        from micro in batch
        from recompute in Any<Recompute>()
        from attention in Any<AttentionKernel>()
        from loss in Any<LossKernel>()
        from fused in Gen.Elements<bool?>(null, true, false)
        from rank in Gen.Choose(1, 128)
        from trainer in Gen.OneOf(Gen.Constant<Trainer?>(null), Any<Trainer>().Select(trainer => (Trainer?)trainer))
        from modules in Gen.Choose(0, 127)
        from types in Types
        from implementation in Gen.OneOf(Gen.Constant<OptimizerImplementation?>(null), Any<OptimizerImplementation>().Select(value => (OptimizerImplementation?)value))
        from flags in Gen.Choose(0, 31)
        from offload in Offload
        from objective in Gen.OneOf(Gen.Constant(TrainingObjective.SFT), Any<TrainingObjective>())
        from percent in Gen.Choose(1, 100)
        select new TrainingSpec
        {
            Objective = objective,
            ValueTraining = objective == TrainingObjective.PPO ? (ValueTraining)(percent % 4) : null,
            RewardModel = objective.Generates() && (flags & 2) != 0,
            Rollout = objective.Generates() ? new RolloutSpec { CompletionLength = Math.Max(1, length / 100 * percent), Engine = (RolloutEngine)(percent % 2) } : null,
            Trainer = trainer,
            RecomputeModules = (RecomputeModules)modules,
            OptimizerInBackward = (flags & 1) != 0,
            OptimizerImplementation = implementation,
            DataTypes = types,
            MovingAverage = (flags & 4) != 0,
            ReferenceModel = (flags & 8) != 0,
            Offload = offload,
            Method = method,
            Framework = framework,
            Precision = precision,
            Optimizer = optimizer,
            SequenceLength = length,
            MicroBatchSize = micro,
            Recompute = recompute,
            Attention = attention,
            Loss = loss,
            FusedKernels = fused,
            Lora = method == TrainingMethod.Full ? null : new LoraSpec { Rank = rank, Decomposed = (flags & 16) != 0, ModulesToSave = (flags & 2) != 0 ? ["lm_head"] : [] },
        };

    /// <summary>Mostly none: offloading asks for a sharding that few random jobs have.</summary>
    private static Gen<OffloadSpec> Offload => Gen.Frequency(
        (4, Gen.Constant(new OffloadSpec())),
        (1, from parameters in Any<OffloadTarget>()
            from optimizer in Any<OffloadTarget>()
            from activations in Gen.Elements(true, false)
            select new OffloadSpec { Parameters = parameters, Optimizer = optimizer, Activations = activations }));

    private static Gen<ParallelismSpec> Parallelism(Gen<int> modelDegree, Gen<int> dataDegree) =>
        from tensor in modelDegree
        from pipeline in modelDegree
        from context in modelDegree
        from data in dataDegree
        from expert in Gen.Elements(1, 1, 1, 2, 4, 8)
        from sharding in Any<Sharding>()
        from sequenceParallel in Gen.Elements(true, false)
        from schedule in Any<PipelineSchedule>()
        from chunks in Gen.Elements(1, 1, 1, 2)
        from exchange in Any<ContextExchange>()
        from fsdp in Gen.Elements(1, 2)
        from dispatch in Any<ExpertDispatch>()
        select new ParallelismSpec
        {
            Schedule = schedule,
            VirtualStages = schedule == PipelineSchedule.Interleaved && pipeline > 1 ? chunks : 1,
            ContextExchange = exchange,
            FsdpVersion = fsdp,
            ExpertDispatch = dispatch,
            Tensor = tensor,
            Pipeline = pipeline,
            Context = context,
            Data = data,
            Expert = expert,
            Sharding = sharding,
            SequenceParallel = sequenceParallel && tensor != 1,
        };

    private static Gen<T> Any<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());
}
