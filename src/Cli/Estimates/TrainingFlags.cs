using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Estimates;

/// <summary>The flags of <c>spec.training</c>, one for each field of it.</summary>
internal static class TrainingFlags
{
    public static FlagsOf<TrainingSettings> Create()
    {
        var flags = new FlagsOf<TrainingSettings>();
        AddProgram(flags);
        AddTypes(flags);
        AddOptimizer(flags);
        AddActivations(flags);
        AddAdapters(flags);
        AddOffload(flags);
        AddRollout(flags);
        return flags;
    }

    private static void AddProgram(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.Named<Trainer>("--trainer", "the program whose code computes layers and loss (default: the framework's usual one)"),
            (training, trainer) => training.Trainer = trainer);
        flags.AddText(Flag.Text("--trainer-version", "its release, e.g. 5.8.1"), (training, version) => training.TrainerVersion = version);
        flags.Add(Flag.Named<TrainingMethod>("--method", "what is trained (default Full)"), (training, method) => training.Method = method);
        flags.Add(
            Flag.Named<TrainingFramework>("--framework", "the software that owns parameters and states (default: the trainer's, else PyTorchFSDP)"),
            (training, framework) => training.Framework = framework);
        flags.Add(
            Flag.Number<long>("--sequence-length", "tokens per sequence", "-s"),
            (training, length) => training.SequenceLength = length);
        flags.Add(
            Flag.NumberOrAuto<long>("--micro-batch-size", "sequences per GPU and forward pass, or Auto (default 1)", "-b"),
            (training, size) => training.MicroBatchSize = size);
        flags.Add(
            Flag.Number<long>("--global-batch-size", "sequences per optimizer step"),
            (training, size) => training.GlobalBatchSize = size);
        flags.Add(
            Flag.Named<TrainingObjective>("--objective", "what the loss is computed from (default SFT)"),
            (training, objective) => training.Objective = objective);
        flags.Add(
            Flag.YesOrNo("--reference-model", "a frozen model beside the trained one (default yes for DPO, KTO, RLOO and PPO)"),
            (training, reference) => training.ReferenceModel = reference);
        flags.Add(
            Flag.Named<ValueTraining>("--value-training", "when the value model of PPO is trained (default Together)"),
            (training, when) => training.ValueTraining = when);
        flags.Add(
            Flag.YesOrNo("--reward-model", "a frozen model that scores completions on the same GPUs"),
            (training, reward) => training.RewardModel = reward);
        flags.Add(
            Flag.YesOrNo("--moving-average", "a moving average of the weights is kept in fp32"),
            (training, average) => training.MovingAverage = average);
        flags.Add(
            Flag.YesOrNo("--expandable-segments", "PyTorch's allocator grows its segments (expandable_segments:True)"),
            (training, grows) => training.ExpandableSegments = grows);
    }

    private static void AddTypes(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.Named<Precision>("--precision", "the recipe of data types (default BF16Mixed)"),
            (training, precision) => training.Precision = precision);
        flags.Add(
            Flag.Named<DataType>("--compute-type", "of products and activations (default: as --precision says)"),
            (training, type) => Types(training).Compute = type);
        flags.Add(Flag.Named<DataType>("--weights-type", "of the persistent weights"), (training, type) => Types(training).Weights = type);
        flags.Add(
            Flag.Named<CopyType>("--master-weights-type", "of the copy that the optimizer updates"),
            (training, type) => Types(training).MasterWeights = type);
        flags.Add(
            Flag.Named<DataType>("--gradients-type", "of the gradients or their accumulation buffer"),
            (training, type) => Types(training).Gradients = type);
        flags.Add(
            Flag.Named<CopyType>("--gradient-copy-type", "of the gradients' copy during the optimizer step"),
            (training, type) => Types(training).GradientCopy = type);
        flags.Add(
            Flag.Named<DataType>("--moments-type", "of each moment of the optimizer"),
            (training, type) => Types(training).Moments = type);
        flags.Add(Flag.Named<DataType>("--adapters-type", "of the adapters"), (training, type) => Types(training).Adapters = type);
    }

    private static void AddOptimizer(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.Named<Optimizer>("--optimizer", "the optimizer (default AdamW)"),
            (training, optimizer) => training.Optimizer = optimizer);
        flags.Add(
            Flag.Named<OptimizerImplementation>("--optimizer-implementation", "torch's implementation of the step; Foreach copies the parameters"),
            (training, implementation) => Steps(training).Implementation = implementation);
        flags.Add(
            Flag.YesOrNo("--optimizer-in-backward", "the optimizer steps inside backward and frees each gradient at once"),
            (training, inBackward) => Steps(training).InBackward = inBackward);
        flags.Add(
            Flag.Number<int>("--projection-rank", "rank of GaLore's projections (default 128)"),
            (training, rank) => Steps(training).ProjectionRank = rank);
    }

    private static void AddActivations(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.NamedOrAuto<Recompute>("--recompute", "activation checkpointing, or Auto"),
            (training, recompute) => training.Recompute = recompute);
        flags.AddList(
            Flag.List("--recompute-module", "a module that Megatron's selective recomputation covers, e.g. layernorm"),
            (training, modules) => training.RecomputeModules = modules);
        flags.Add(
            Flag.Number<int>("--recompute-layers", "layers of each stage that Megatron's full recomputation covers (default: all)"),
            (training, layers) => training.RecomputeLayers = layers);
        flags.Add(
            Flag.Number<int>("--prediction-modules", "modules that predict further tokens, trained beside the model (default 0)"),
            (training, modules) => training.PredictionModules = modules);
        flags.Add(
            Flag.Named<AttentionKernel>("--attention", "the attention kernel (default Flash)"),
            (training, attention) => training.Attention = attention);
        flags.Add(
            Flag.YesOrNo("--padding", "sequences of a micro-batch are padded, so that SDPA gets a mask (default no)"),
            (training, padding) => training.Padding = padding);
        flags.Add(
            Flag.Named<ModelOutputs>(
                "--outputs", "what the loop holds of a transformers model's outputs while backward runs (default Dropped; Held under PlainLoop)"),
            (training, outputs) => training.Outputs = outputs);
        flags.Add(Flag.Named<LossKernel>("--loss", "how logits and cross entropy are computed"), (training, loss) => training.Loss = loss);
        flags.Add(
            Flag.YesOrNo("--fused-kernels", "kernels fused by a compiler or the framework"),
            (training, fused) => training.FusedKernels = fused);
    }

    private static void AddAdapters(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(Flag.Number<int>("--lora-rank", "rank of the adapters (default 16)"), (training, rank) => Lora(training).Rank = rank);
        flags.AddList(
            Flag.List("--lora-target", "a linear layer with adapters (default: all)"),
            (training, targets) => Lora(training).TargetModules = targets);
        flags.AddList(
            Flag.List("--lora-module-to-save", "a module outside the blocks that is trained whole, e.g. lm_head"),
            (training, modules) => Lora(training).ModulesToSave = modules);
        flags.Add(
            Flag.YesOrNo("--lora-decomposed", "weight-decomposed adapters (DoRA)"),
            (training, decomposed) => Lora(training).Decomposed = decomposed);
        flags.Add(
            Flag.YesOrNo("--lora-dropout", "each adapter drops out parts of its input (default: as the trainer does)"),
            (training, drops) => Lora(training).Dropout = drops);
        flags.Add(
            Flag.Named<QuantizationScheme>("--quantization", "how frozen weights under QLoRA are stored (default NF4DoubleQuantized)", "-q"),
            (training, scheme) => (training.Quantization ??= new QuantizationSettings()).Scheme = scheme);
        flags.Add(
            Flag.Number<int>("--group-size", "weights per scale"),
            (training, size) => (training.Quantization ??= new QuantizationSettings()).GroupSize = size);
    }

    private static void AddOffload(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.Named<OffloadTarget>("--offload-parameters", "where weights live between uses"),
            (training, target) => Offload(training).Parameters = target);
        flags.Add(
            Flag.Named<OffloadTarget>("--offload-optimizer", "where optimizer states live, and the step runs"),
            (training, target) => Offload(training).Optimizer = target);
        flags.Add(
            Flag.YesOrNo("--offload-activations", "checkpointed activations wait for backward in host memory"),
            (training, activations) => Offload(training).Activations = activations);
        flags.Add(
            Flag.YesOrNo("--offload-between-steps", "weights and states wait in host memory while another model works"),
            (training, between) => Offload(training).BetweenSteps = between);
    }

    private static void AddRollout(FlagsOf<TrainingSettings> flags)
    {
        flags.Add(
            Flag.Number<long>("--completion-length", "generated tokens of a sequence (default all)"),
            (training, length) => Rollout(training).CompletionLength = length);
        flags.Add(
            Flag.Number<int>("--completions", "completions of one prompt (default 8)"),
            (training, size) => Rollout(training).GroupSize = size);
        flags.Add(
            Flag.Named<RolloutEngine>("--rollout-engine", "where completions are generated (default Separate)"),
            (training, engine) => Rollout(training).Engine = engine);
        flags.Add(
            Flag.Number<int>("--engine-memory-percent", "of each GPU what a colocated engine takes (default 30)"),
            (training, percent) => Rollout(training).EngineMemoryPercent = percent);
        flags.Add(
            Flag.Number<int>("--engine-tensor", "GPUs over which a colocated engine divides the model (default 1)"),
            (training, degree) => Rollout(training).EngineTensor = degree);
        flags.Add(
            Flag.YesOrNo("--engine-sleeps", "a colocated engine gives its memory back while the model trains"),
            (training, sleeps) => Rollout(training).EngineSleeps = sleeps);
        flags.Add(
            Flag.Named<DataType>("--engine-weights-type", "of a colocated engine's weights (default BF16)"),
            (training, type) => Rollout(training).EngineWeights = type);
    }

    private static RolloutSettings Rollout(TrainingSettings training) => training.Rollout ??= new RolloutSettings();

    private static DataTypeSettings Types(TrainingSettings training) => training.DataTypes ??= new DataTypeSettings();

    private static OptimizerSettings Steps(TrainingSettings training) => training.OptimizerOptions ??= new OptimizerSettings();

    private static LoraSettings Lora(TrainingSettings training) => training.Lora ??= new LoraSettings();

    private static OffloadSettings Offload(TrainingSettings training) => training.Offload ??= new OffloadSettings();
}
