using System.Runtime.CompilerServices;

namespace GpuMem.Estimation.Jobs;

/// <summary>Bounds of lengths and batches, known options, adapters.</summary>
internal static class TrainingRules
{
    public static void Check(TrainingSpec training, ref ProblemList problems)
    {
        if (training.SequenceLength is < 1 or > JobLimits.MaxSequenceLength)
            problems.Add("training.sequenceLength", $"{training.SequenceLength} tokens; a sequence has 1 to {JobLimits.MaxSequenceLength}, such as 8192");
        if (training.MicroBatchSize is < 1 or > JobLimits.MaxMicroBatchSize)
            problems.Add("training.microBatchSize", $"{training.MicroBatchSize} sequences; a micro-batch has 1 to {JobLimits.MaxMicroBatchSize}");
        if (training.GlobalBatchSize is < 1 or > JobLimits.MaxGlobalBatchSize)
            problems.Add("training.globalBatchSize", $"{training.GlobalBatchSize} sequences; a global batch has 1 to {JobLimits.MaxGlobalBatchSize}");

        Known(training.Method, "training.method", ref problems);
        Known(training.Framework, "training.framework", ref problems);
        Known(training.Precision, "training.precision", ref problems);
        Known(training.Optimizer, "training.optimizer", ref problems);
        Known(training.Recompute, "training.recompute", ref problems);
        Known(training.Attention, "training.attention", ref problems);
        Known(training.Outputs, "training.outputs", ref problems);
        Known(training.Loss, "training.loss", ref problems);
        Known(training.OptimizerImplementation, "training.optimizerOptions.implementation", ref problems);
        TrainerRules.Check(training, ref problems);
        ObjectiveRules.Check(training, ref problems);
        DataTypeRules.Check(training, ref problems);
        if (training.OptimizerRank is < 1 or > JobLimits.MaxLoraRank)
            problems.Add("training.optimizerOptions.projectionRank", $"rank {training.OptimizerRank}; use 1 to {JobLimits.MaxLoraRank}, usually 128 to 1024");
        if (training.Quantization is { } quantization)
            CheckQuantization(quantization, training.Method, ref problems);
        CheckRecomputedModules(training, ref problems);
        CheckPredictionModules(training, ref problems);
        if (training.Method != TrainingMethod.Full && training.Lora is { } lora)
            CheckAdapters(lora, ref problems);
    }

    private static void CheckPredictionModules(TrainingSpec training, ref ProblemList problems)
    {
        if (training.PredictionModules is < 0 or > JobLimits.MaxPredictionModules)
            problems.Add("training.predictionModules", $"{training.PredictionModules} modules; use 0 to {JobLimits.MaxPredictionModules}, usually 1");
        else if (training.PredictionModules > 0 && (training.Framework != TrainingFramework.Megatron || training.Method != TrainingMethod.Full))
            problems.Add("training.predictionModules", $"framework {training.Framework} with method {training.Method} trains no modules for further tokens; use framework Megatron and method Full, or leave them away");
    }

    private static void CheckRecomputedModules(TrainingSpec training, ref ProblemList problems)
    {
        if (training.RecomputeLayers is { } layers && (layers < 1 || training.Recompute != Recompute.Full || training.Framework != TrainingFramework.Megatron))
            problems.Add("training.recomputeLayers", $"{layers} layers; framework Megatron recomputes the first 1 or more layers of a stage under recompute Full: use these, or leave recomputeLayers away for all layers");
        if (training.RecomputeModules == RecomputeModules.None)
            return;
        if (training.Recompute != Recompute.Selective)
            problems.Add("training.recomputeModules", $"training.recompute {training.Recompute} selects no modules; use recompute Selective, or name no modules");
        else if (training.Framework != TrainingFramework.Megatron)
            problems.Add("training.recomputeModules", $"training.framework {training.Framework} does not recompute modules by name; use framework Megatron, or name no modules");
    }

    private static void CheckQuantization(QuantizationSpec quantization, TrainingMethod method, ref ProblemList problems)
    {
        if (method != TrainingMethod.QLoRA)
            problems.Add("training.quantization", $"training.method {method} trains over weights that are not quantised; use method QLoRA, or take quantization away");
        Known(quantization.Scheme, "training.quantization.scheme", ref problems);
        if (States.QuantizedWeight.IsGguf(quantization.Scheme))
            problems.Add("training.quantization.scheme", $"{quantization.Scheme} is a format of llama.cpp, which transformers expands to 16 bits before it trains; use NF4DoubleQuantized, or method LoRA for what is expanded");
        if (quantization.GroupSize is < 1 or > JobLimits.MaxQuantizationGroup)
            problems.Add("training.quantization.groupSize", $"{quantization.GroupSize} weights per scale; use 1 to {JobLimits.MaxQuantizationGroup}, usually 64 or 128");
    }

    public static void Known<T>(T value, string path, ref ProblemList problems)
        where T : struct, Enum
    {
        if (!Defined<T>.Has(value))
            problems.Add(path, $"{value} is not known; use {string.Join(", ", Enum.GetNames<T>())}");
    }

    public static void Known<T>(T? value, string path, ref ProblemList problems)
        where T : struct, Enum
    {
        if (value is { } given)
            Known(given, path, ref problems);
    }

    /// <summary>Choices are numbered from 0 on; asking the runtime for each of a job's would take as long as a tenth of its estimate.</summary>
    private static class Defined<T>
        where T : struct, Enum
    {
        private static readonly int Count = Enum.GetValues<T>().Length;

        public static bool Has(T value) => (uint)Unsafe.BitCast<T, int>(value) < (uint)Count;
    }

    public static void CheckAdapters(LoraSpec lora, ref ProblemList problems)
    {
        if (lora.Rank is < 1 or > JobLimits.MaxLoraRank)
            problems.Add("training.lora.rank", $"rank {lora.Rank}; use 1 to {JobLimits.MaxLoraRank}, usually 8 to 64");
        if (lora.TargetModules is null || lora.TargetModules.Count > JobLimits.MaxLoraTargets)
        {
            problems.Add("training.lora.targetModules", $"give at most {JobLimits.MaxLoraTargets} module names, or none for every linear layer");
            return;
        }

        foreach (var name in lora.TargetModules.Where(name => name is null || !LoraTargetNames.Has(name)))
            problems.Add("training.lora.targetModules", $"'{Shortened(name)}' is not known; use {string.Join(", ", LoraTargetNames.Known)}, or none for every linear layer");
        if (lora.ModulesToSave is null || lora.ModulesToSave.Count > JobLimits.MaxLoraTargets)
            problems.Add("training.lora.modulesToSave", $"give at most {JobLimits.MaxLoraTargets} module names, or none");
        else if (lora.ModulesToSave.FirstOrDefault(name => !AdapterExtras.IsKnown(name)) is { } unknown)
            problems.Add("training.lora.modulesToSave", $"'{Shortened(unknown)}' is not known; use {string.Join(", ", AdapterExtras.Known)}");
    }

    public static string Shortened(string? name) => name is { Length: > 40 } ? name[..40] + "…" : name ?? "";
}
