using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Programs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>
/// Turns <c>spec.training</c> into a strategy: what the author left out is the program's default, and where it has none the field's.
/// </summary>
internal static class TrainingReader
{
    private static readonly TrainingSpec Defaults = new() { SequenceLength = 1 };

    /// <param name="settings">What the author wrote.</param>
    /// <param name="isOneGpu">The layout leaves no more than a single GPU, where some programs do otherwise.</param>
    /// <param name="sharding">What the author divides over data-parallel ranks; null when it is not said.</param>
    /// <param name="fsdpVersion">As the author says; null for the program's.</param>
    /// <param name="stored">How the checkpoint stores the weights; null where they are not quantised.</param>
    /// <param name="problems">One entry more for each reason why there is no strategy.</param>
    /// <returns>Null when the settings are not enough.</returns>
    public static TrainingSpec? Read(TrainingSettings? settings, bool isOneGpu, Sharding? sharding, int? fsdpVersion, QuantizationSpec? stored, List<JobProblem> problems)
    {
        if (settings?.SequenceLength is not { } sequenceLength)
        {
            problems.Add(new JobProblem("training.sequenceLength", "is needed: the tokens of one sequence, 8192 for example"));
            return null;
        }
        var frozen = settings.Quantization is null ? StoredWeights.Under(settings.Method ?? Defaults.Method, settings.Trainer, stored) : null;
        var method = frozen is null ? settings.Method ?? Defaults.Method : TrainingMethod.QLoRA;
        var objective = settings.Objective ?? (settings.ReferenceModel == true ? TrainingObjective.DPO : Defaults.Objective);
        var program = ProgramDefaults.Of(settings.Trainer, settings.TrainerVersion, isOneGpu);
        var framework = settings.Framework ?? program.Framework ?? Defaults.Framework;
        return new TrainingSpec
        {
            Method = method,
            Trainer = settings.Trainer,
            TrainerVersion = settings.TrainerVersion,
            Framework = framework,
            Precision = settings.Precision ?? program.PrecisionOf(method, framework, ParallelismReader.ShardingOf(sharding, framework, program), fsdpVersion) ?? Defaults.Precision,
            DataTypes = Types(settings.DataTypes, isLoadedSo: frozen is null, settings.Precision is null && method == TrainingMethod.QLoRA ? program.AdaptersOverQuantised : null),
            Optimizer = settings.Optimizer ?? Defaults.Optimizer,
            OptimizerImplementation = settings.OptimizerOptions?.Implementation ?? program.OptimizerImplementation,
            OptimizerInBackward = settings.OptimizerOptions?.InBackward ?? Defaults.OptimizerInBackward,
            OptimizerRank = settings.OptimizerOptions?.ProjectionRank ?? Defaults.OptimizerRank,
            SequenceLength = sequenceLength,
            MicroBatchSize = settings.MicroBatchSize?.Value ?? Defaults.MicroBatchSize,
            GlobalBatchSize = settings.GlobalBatchSize,
            Recompute = settings.Recompute?.Value ?? program.Recompute ?? Defaults.Recompute,
            RecomputeLayers = settings.RecomputeLayers,
            PredictionModules = settings.PredictionModules ?? 0,
            RecomputeModules = Modules(settings.RecomputeModules ?? [], problems),
            Attention = settings.Attention ?? Defaults.Attention,
            Padding = settings.Padding,
            Outputs = settings.Outputs,
            Loss = settings.Loss ?? program.LossOf(objective) ?? Defaults.Loss,
            FusedKernels = settings.FusedKernels,

            // What is said of adapters stays for a method that is only proposed.
            Lora = method == TrainingMethod.Full && settings.Lora is null ? null : Adapters(settings.Lora ?? new LoraSettings()),
            Quantization = frozen ?? QuantizationReader.Read(settings.Quantization, "training.quantization", problems),
            Offload = Offload(settings.Offload ?? new OffloadSettings(), program, objective.Generates()),
            Objective = objective,
            ReferenceModel = settings.ReferenceModel ?? objective.HasReference(),
            Rollout = Rollout(settings.Rollout, objective.Generates() ? program.Rollout : null, objective),
            ValueTraining = settings.ValueTraining ?? (objective == TrainingObjective.PPO ? program.ValueTraining ?? ValueTraining.Together : null),
            RewardModel = settings.RewardModel ?? (objective == TrainingObjective.PPO && program.RewardModel),
            MovingAverage = settings.MovingAverage ?? Defaults.MovingAverage,
            ExpandableSegments = settings.ExpandableSegments ?? program.ExpandableSegments,
        };
    }

    /// <summary>Weights that are stored in fewer bits take no other type.</summary>
    private static DataTypes? Types(DataTypeSettings? settings, bool isLoadedSo, DataType? adapters) => settings is null && adapters is null ? null : new DataTypes
    {
        Compute = settings?.Compute,
        Weights = isLoadedSo ? settings?.Weights : null,
        MasterWeights = settings?.MasterWeights,
        Gradients = settings?.Gradients,
        GradientCopy = settings?.GradientCopy,
        Moments = settings?.Moments,
        Adapters = settings?.Adapters ?? adapters,
    };

    private static RecomputeModules Modules(IList<string> names, List<JobProblem> problems)
    {
        var modules = RecomputeModules.None;
        foreach (var name in names)
        {
            if (RecomputeModuleNames.TryFind(name, out var module))
                modules |= module;
            else
                problems.Add(new JobProblem("training.recomputeModules", $"'{Shortened(name)}' is not known; use {string.Join(", ", RecomputeModuleNames.Known)}"));
        }
        return modules;
    }

    private static LoraSpec Adapters(LoraSettings settings) => new()
    {
        Rank = settings.Rank ?? 16,
        TargetModules = [.. settings.TargetModules ?? []],
        ModulesToSave = [.. settings.ModulesToSave ?? []],
        Decomposed = settings.Decomposed ?? false,
        Dropout = settings.Dropout,
    };

    private static OffloadSpec Offload(OffloadSettings settings, ProgramDefaults program, bool generates) => new()
    {
        Parameters = settings.Parameters ?? OffloadTarget.None,
        Optimizer = settings.Optimizer ?? OffloadTarget.None,
        Activations = settings.Activations ?? program.OffloadActivations,
        BetweenSteps = settings.BetweenSteps ?? (generates && program.OffloadBetweenSteps),
    };

    private static RolloutSpec? Rollout(RolloutSettings? settings, RolloutSpec? ofProgram, TrainingObjective objective)
    {
        var usual = ofProgram ?? new RolloutSpec();
        if (objective == TrainingObjective.PPO)
            usual = usual with { GroupSize = 1 };
        return settings is null ? ofProgram is null ? null : usual : new RolloutSpec
        {
            CompletionLength = settings.CompletionLength,
            GroupSize = settings.GroupSize ?? usual.GroupSize,
            Engine = settings.Engine ?? usual.Engine,
            EngineMemoryPercent = settings.EngineMemoryPercent ?? usual.EngineMemoryPercent,
            EngineTensor = settings.EngineTensor ?? usual.EngineTensor,
            EngineSleeps = settings.EngineSleeps ?? usual.EngineSleeps,
            EngineWeights = settings.EngineWeights ?? usual.EngineWeights,
        };
    }

    private static string Shortened(string? name) => name is { Length: > 40 } ? name[..40] + "…" : name ?? "";
}
