using System.Collections.Concurrent;
using System.Numerics;

namespace GpuMem.Estimation;

[Flags]
internal enum Assumption
{
    None = 0,
    RoughModel = 1,
    UnknownFamily = 2,
    LanguagePartOnly = 4,
    KernelFusion = 8,
    FullPipeline = 16,
    KeptGathered = 32,
    DoubleQuantisation = 64,
    PagedStates = 128,
    LoraDefaults = 256,
    CastCache = 512,
    TrainerVersion = 1024,
    Experimental = 2048,
    OthersLayers = 4096,
    UnreadFields = 8192,
    FrozenTowers = 65536,
    UnknownStorage = 16_384,
    EngineVersion = 32_768,
    UnevenPipeline = 131_072,
    GroupedExperts = 262_144,
    StateKernels = 524_288,
}

/// <summary>What had to be assumed about a job, as flags while planning and in words when shown.</summary>
internal static class Assumptions
{
    private static readonly (Assumption Flag, string Text)[] Words =
    [
        (Assumption.RoughModel, "Only the number of parameters is known; layers, widths and vocabulary are those of a typical model of this size. Give model.name or model.config for sure numbers."),
        (Assumption.UnknownFamily, "This model_type is not known; biases, norms and tied embeddings are taken to be as in Llama."),
        (Assumption.OthersLayers, "Weights and caches of this model_type are counted layer by layer; what its layers keep for backward is taken to be as in Llama of these widths."),
        (Assumption.StateKernels, "Kernels for recurrent layers (flash-linear-attention, or mamba-ssm and causal-conv1d) are taken to be installed; without them each of those layers keeps several times as much while it runs."),
        (Assumption.FrozenTowers, "Whether the towers for pictures and sound are trained is not said; they are expected to be frozen, and the upper bound has them trained. What they keep for backward is not counted."),
        (Assumption.UnreadFields, "The config.json states fields that are not read and may carry size: {fields}."),
        (Assumption.LanguagePartOnly, "Only the language model (text_config) is counted; a vision or audio part comes on top."),
        (Assumption.KernelFusion, "Whether kernels are fused (torch.compile) is not said; the expected value lies halfway, the upper bound is unfused."),
        (Assumption.FullPipeline, "globalBatchSize is not said; the pipeline is taken to be full, with one micro-batch in flight per stage that follows."),
        (Assumption.UnevenPipeline, "The layers do not divide by pipeline; the first stages are taken to hold one more. Megatron is told of it by --pipeline-model-parallel-layout, or by the layers of its first and last stage; parallelism.firstStageLayers and lastStageLayers say them."),
        (Assumption.KeptGathered, "With a pipeline, fully sharded weights are taken to stay gathered over all micro-batches, and gradients to be reduced once."),
        (Assumption.DoubleQuantisation, "Frozen weights are taken to be doubly quantised NF4; training.quantization says otherwise."),
        (Assumption.GroupedExperts, "Experts are expected to be quantised; transformers 5 has them in parameters that bitsandbytes leaves in 16 bits, which the upper bound counts. Under a release that runs on transformers 4 (training.trainerVersion) none are."),
        (Assumption.PagedStates, "Paged optimizer states are expected on the host; the upper bound has them on the GPU."),
        (Assumption.LoraDefaults, "Adapters are not described; rank 16 on every linear layer of a block is taken."),
        (Assumption.CastCache, "Weights are taken to be loaded in fp32 and cast by autocast; loaded in bf16 (precision BF16) they need half."),
        (Assumption.Experimental, "What {program} keeps is known from one publisher's runs alone; the bounds are as wide as those runs ask for."),
    ];

    private const int ProgramBits = 8;

    private static readonly ConcurrentDictionary<int, IReadOnlyList<string>> Cache = new();

    /// <param name="job">What is estimated.</param>
    /// <param name="autocast">Its weights are cast for each product.</param>
    public static Assumption Of(JobSpec job, bool autocast)
    {
        var (training, parallelism) = (job.Training, job.Parallelism);
        var adapted = training.Method != TrainingMethod.Full;
        var found = Of(job.Model.Knowledge);
        if (job.Model.UnknownFamily is not null)
            found |= Assumption.UnknownFamily;
        if (job.Model.UnreadFields.Count > 0)
            found |= Assumption.UnreadFields;
        if (job.Model.VisionParameters > 0)
            found |= Assumption.FrozenTowers;
        if (training.FusedKernels is null && !adapted && TrainerProgram.CodeOf(training).Kernels == KernelFusion.Unknown)
            found |= Assumption.KernelFusion;
        if (TrainerProgram.CodeOf(training).IsTransformers && (job.Model.Parts is { HybridBlocks: > 0 } || (job.Model.StateSpace is not null && training.FusedKernels is null)))
            found |= Assumption.StateKernels;
        if (parallelism.Pipeline > 1 && training.GlobalBatchSize is null)
            found |= Assumption.FullPipeline;
        if (training.Framework == TrainingFramework.Megatron && parallelism is { FirstStageLayers: null, LastStageLayers: null } && (job.Model.Layers + job.Model.EncoderLayers) % parallelism.Pipeline != 0)
            found |= Assumption.UnevenPipeline;
        if (parallelism.Pipeline > 1 && StateRecipe.IsFullySharded(training.Framework, parallelism.Sharding))
            found |= Assumption.KeptGathered;
        if (training is { Method: TrainingMethod.QLoRA, Quantization: null })
            found |= Assumption.DoubleQuantisation;
        if (job.Model.Experts is not null && LeavesExperts(training))
            found |= Assumption.GroupedExperts;
        if (training.Optimizer == Optimizer.PagedAdamW8bit)
            found |= Assumption.PagedStates;
        if (adapted && training.Lora is null)
            found |= Assumption.LoraDefaults;
        if (autocast && !adapted)
            found |= Assumption.CastCache;
        if (TrainerVersions.Assumed(training.Trainer, training.TrainerVersion) is not null)
            found |= Assumption.TrainerVersion;
        if (!adapted && TrainerProgram.Find(training.Trainer) is { IsExperimental: true })
            found |= Assumption.Experimental;
        return found;
    }

    /// <summary>Experts lie in parameters that are no linear layers, and bitsandbytes quantises linear layers only.</summary>
    public static bool LeavesExperts(TrainingSpec training) => training.Method == TrainingMethod.QLoRA && TrainerProgram.CodeOf(training).GroupsExperts
        && FrozenWeights.Format(training.Quantization).Scheme is not (QuantizationScheme.GPTQ4 or QuantizationScheme.GPTQ8 or QuantizationScheme.AWQ4);

    public static Assumption Of(ModelKnowledge knowledge) => knowledge switch
    {
        ModelKnowledge.ParameterCountOnly => Assumption.RoughModel,
        ModelKnowledge.UnknownFamily => Assumption.UnknownFamily,
        ModelKnowledge.LanguagePartOnly => Assumption.LanguagePartOnly,
        ModelKnowledge.PartsOnly => Assumption.OthersLayers,
        _ => Assumption.None,
    };

    /// <summary>None leaves it high, one or two lower it, more or a guessed model leave little.</summary>
    public static Confidence ConfidenceUnder(Assumption assumptions) => assumptions switch
    {
        Assumption.None => Confidence.High,
        _ when (assumptions & Assumption.RoughModel) != Assumption.None || BitOperations.PopCount((uint)assumptions) > 2 => Confidence.Low,
        _ => Confidence.Medium,
    };

    /// <summary>With the trainer's release and the fields that nobody read, whose words name them.</summary>
    public static IReadOnlyList<string> Texts(Assumption assumptions, TrainingSpec training, ModelArchitecture model)
    {
        var texts = WithFields(Texts(assumptions, training.Trainer ?? default), model);
        return TrainerVersions.Assumed(training.Trainer, training.TrainerVersion) is { } version ? [.. texts, version] : texts;
    }

    /// <summary>With the fields of the configuration that nobody read.</summary>
    public static IReadOnlyList<string> WithFields(IReadOnlyList<string> texts, ModelArchitecture model) => model.UnreadFields.Count == 0 ? texts : Named(texts, string.Join(", ", model.UnreadFields.Take(5)));

    private static IReadOnlyList<string> Named(IReadOnlyList<string> texts, string fields) => [.. texts.Select(text => text.Replace("{fields}", fields, StringComparison.Ordinal))];

    public static IReadOnlyList<string> Texts(Assumption assumptions, Trainer program = default) =>
        Cache.TryGetValue(((int)assumptions << ProgramBits) | (int)program, out var texts) ? texts : Add(assumptions, program);

    private static IReadOnlyList<string> Add(Assumption assumptions, Trainer program) => Cache.GetOrAdd(((int)assumptions << ProgramBits) | (int)program, _ =>
        [.. Words.Where(word => (assumptions & word.Flag) != Assumption.None).Select(word => word.Text.Replace("{program}", $"{program}", StringComparison.Ordinal))]);
}
