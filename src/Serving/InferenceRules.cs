using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>Whether a model can be served so at all, before anything is estimated.</summary>
internal static class InferenceRules
{
    private const int MaxGroup = 1 << 16;
    private const int MaxProposed = 256;
    private const decimal MaxShare = 100;

    public static IReadOnlyList<JobProblem> Check(InferenceSpec spec)
    {
        var problems = default(ProblemList);
        if (spec is not { Model: not null, Lora: not null })
        {
            problems.Add("inference", "model and lora must be given");
            return problems.ToList();
        }

        ModelRules.Check(spec.Model, ref problems);
        CheckChoices(spec, ref problems);
        CheckSizes(spec, ref problems);
        CheckLora(spec, ref problems);
        if (spec.Draft is { } draft)
            CheckDraft(draft, spec, ref problems);
        if (!problems.Any)
            CheckDivision(spec, ref problems);
        return problems.ToList();
    }

    private static void CheckChoices(InferenceSpec spec, ref ProblemList problems)
    {
        TrainingRules.Known(spec.Engine, "inference.engine", ref problems);
        if (spec.EngineVersion is { } version && !TrainerVersions.IsVersion(version))
            problems.Add("inference.engineVersion", $"'{(version.Length <= TrainerVersions.MaxLength ? version : version[..TrainerVersions.MaxLength])}'; give the release as numbers with dots, such as 0.19.0");
        TrainingRules.Known(spec.Weights, "inference.weights", ref problems);
        TrainingRules.Known(spec.KvCacheDtype, "inference.kvCacheDtype", ref problems);
        if (spec.ValueCacheDtype is { } values)
        {
            TrainingRules.Known(values, "inference.valueCacheType", ref problems);
            if (spec.Engine != InferenceEngine.LlamaCpp && values != spec.KvCacheDtype)
                problems.Add("inference.valueCacheType", $"{spec.Engine} keeps keys and values in one type; LlamaCpp alone tells them apart");
            else if (spec.Model.Latent is not null && values != spec.KvCacheDtype)
                problems.Add("inference.valueCacheType", $"{spec.Model.Name} caches one vector for both: llama.cpp wants one type");
        }

        if (spec.KvCacheDtype is KeyValueCacheType.Q8 or KeyValueCacheType.Q4 && spec.Engine != InferenceEngine.LlamaCpp)
            problems.Add("inference.kvCacheDtype", $"{spec.KvCacheDtype} is a type of llama.cpp, and {spec.Engine} does not have it; use FP8, or engine LlamaCpp");
        CheckRelease(spec, ref problems);
        TrainingRules.Known(spec.Logits, "inference.logits", ref problems);
        TrainingRules.Known(spec.Attention, "inference.attention", ref problems);
        if (spec.Quantization is { } quantization)
        {
            TrainingRules.Known(quantization.Scheme, "quantization.scheme", ref problems);
            if (quantization.GroupSize is < 1 or > MaxGroup)
                problems.Add("quantization.groupSize", $"{quantization.GroupSize} weights per scale; use 1 to {MaxGroup}, usually 64 or 128, or none for the scheme's default");
        }

        if (spec.KvCacheDtype == KeyValueCacheType.FP8DeepSeek && spec.Model is { Latent: null } && spec.Model.Parts?.Layers.Any(layer => layer.Caches.Any(cache => cache.PackedBytes > 0)) != true)
            problems.Add("inference.kvCacheDtype", $"FP8DeepSeek is a layout for latent attention, which {spec.Model.Name} does not have; use Fp8");
        if (spec.MemoryFraction is <= 0 or > 1)
            problems.Add("inference.memoryFraction", $"{spec.MemoryFraction}; use a share above 0 and at most 1, such as 0.92");
        if (spec.CacheMemory is { } cache && (cache <= Bytes.Zero || !spec.RunsVllm))
            problems.Add("inference.cacheMemory", spec.RunsVllm ? $"{cache}; give what the cache is to have of each GPU, such as 20Gi" : $"{spec.Engine} takes no size of the cache; use memoryFraction, or engine VLLM");
        CheckPools(spec, ref problems);
        if (spec.ExpertLayersOnHost < 0 || (spec.ExpertLayersOnHost > 0 && spec.Engine != InferenceEngine.LlamaCpp))
            problems.Add("inference.expertLayersOnHost", spec.ExpertLayersOnHost < 0 ? $"{spec.ExpertLayersOnHost}; give the layers whose experts stay on the host, or 0" : $"{spec.Engine} leaves no experts on the host; use weightsOnHost, or engine LlamaCpp");
        if (spec.WeightsOnHost < Bytes.Zero)
            problems.Add("inference.weightsOnHost", $"{spec.WeightsOnHost} is less than nothing; give what stays on the host of each GPU's weights, such as 10Gi");
    }

    /// <summary>Pools of states and windows are SGLang's alone, slots also llama.cpp's.</summary>
    private static void CheckPools(InferenceSpec spec, ref ProblemList problems)
    {
        if (spec.StateType is { } type and not (DataType.FP32 or DataType.BF16 or DataType.FP16))
            problems.Add("inference.stateType", $"{type}; states are in FP32, BF16 or FP16");
        if (spec.StateSlots is { } slots)
        {
            Within(slots, 1, JobLimits.MaxMicroBatchSize, "inference.stateSlots", ref problems);
            if (spec.Engine is not (InferenceEngine.SGLang or InferenceEngine.LlamaCpp))
                problems.Add("inference.stateSlots", $"{spec.Engine} keeps a state for each sequence that it serves; use engine SGLang or LlamaCpp");
        }

        if (spec.StateShare is { } states && (states is <= 0 or > MaxShare || spec.Engine != InferenceEngine.SGLang))
            problems.Add("inference.stateShare", spec.Engine == InferenceEngine.SGLang ? $"{states}; give what states get for each byte of entries, such as 0.9" : $"{spec.Engine} has no pool of its own for states; use engine SGLang");
        if (spec.WindowShare is { } window && (window is <= 0 or > 1 || spec.Engine != InferenceEngine.SGLang))
            problems.Add("inference.windowShare", spec.Engine == InferenceEngine.SGLang ? $"{window}; use a share above 0 and at most 1, such as 0.8" : $"{spec.Engine} has no pool of its own for windows; use engine SGLang");
    }

    /// <summary>What a release does not have yet is refused with the release that does.</summary>
    private static void CheckRelease(InferenceSpec spec, ref ProblemList problems)
    {
        if (!spec.RunsVllm || spec.EngineVersion is not { } version || !TrainerVersions.IsVersion(version))
            return;
        if (Vllm.First(spec.KvCacheDtype) is { } cache && IsBefore(version, cache))
            problems.Add("inference.kvCacheDtype", $"vLLM {version} does not have {spec.KvCacheDtype}; {cache} is the first that does");
        if (Vllm.First((spec.Quantization ?? spec.Model.CheckpointQuantization?.Usual)?.Scheme) is { } format && IsBefore(version, format))
            problems.Add("quantization.scheme", $"vLLM {version} cannot load {(spec.Quantization ?? spec.Model.CheckpointQuantization!.Usual).Scheme}; {format} is the first that can");
    }

    /// <summary>A release stated in fewer numbers may be the later one: 0.10 may be 0.10.1.</summary>
    private static bool IsBefore(string version, string first) => TrainerVersions.Compare(version, first) < 0 && !TrainerVersions.Begins(version, first);

    private static void CheckSizes(InferenceSpec spec, ref ProblemList problems)
    {
        Within(spec.Batch, 1, JobLimits.MaxMicroBatchSize, "inference.batch", ref problems);
        Within(spec.InputLength, 1, JobLimits.MaxSequenceLength, "inference.inputLength", ref problems);
        Within(spec.OutputLength, 0, JobLimits.MaxSequenceLength, "inference.outputLength", ref problems);
        Within(spec.CacheLength ?? 1, 1, JobLimits.MaxSequenceLength, "inference.cacheLength", ref problems);
        Within(spec.MaxBatchedTokens, 1, JobLimits.MaxSequenceLength, "inference.maxBatchedTokens", ref problems);
        Within(spec.MaxSequences, 1, JobLimits.MaxMicroBatchSize, "inference.maxSequences", ref problems);
        Within(spec.BlockSize ?? 1, 1, MaxGroup, "inference.blockSize", ref problems);
        Within(spec.Tensor, 1, JobLimits.MaxParallelDegree, "parallelism.tensor", ref problems);
        Within(spec.Pipeline, 1, JobLimits.MaxParallelDegree, "parallelism.pipeline", ref problems);
        Within(spec.Expert, 1, JobLimits.MaxParallelDegree, "parallelism.expert", ref problems);
        Within(spec.ProposedTokens, 0, MaxProposed, "inference.proposedTokens", ref problems);
        if (spec.DecodeContext != 1 && (!spec.RunsVllm || spec.DecodeContext < 1 || spec.Tensor % spec.DecodeContext != 0))
            problems.Add("parallelism.decodeContext", spec.RunsVllm ? $"{spec.DecodeContext}; use a divisor of the tensor parallel size {spec.Tensor}" : $"{spec.Engine} divides no cache by tokens; use 1, or engine VLLM");
    }

    private static void CheckLora(InferenceSpec spec, ref ProblemList problems)
    {
        Within(spec.LoraSlots, 0, JobLimits.MaxLoraTargets * 16, "inference.loraSlots", ref problems);
        if (spec.LoraSlots > 0)
            TrainingRules.CheckAdapters(spec.Lora, ref problems);
    }

    private static void CheckDraft(SpeculativeDraft draft, InferenceSpec spec, ref ProblemList problems)
    {
        if (draft.Model is null)
        {
            problems.Add("inference.draft", "the draft's model must be given");
            return;
        }

        ModelRules.Check(draft.Model, ref problems);
        if (draft.Tensor != 1 && draft.Tensor != spec.Tensor)
            problems.Add("inference.draft.tensor", $"{draft.Tensor}; a draft lies on one rank (1) or on all that the model lies on ({spec.Tensor})");
    }

    private static void CheckDivision(InferenceSpec spec, ref ProblemList problems)
    {
        var model = spec.Model;
        if (spec.Tensor > 1 && !DivisionRules.DividesTensor(model, spec.Tensor))
            problems.Add("parallelism.tensor", $"{DivisionRules.WhyNotTensor(model, spec.Tensor)}; use {Choices.UpTo(model.AttentionHeads, model, DivisionRules.DividesTensor)}");
        if (spec.Pipeline > (long)model.Layers + model.EncoderLayers)
            problems.Add("parallelism.pipeline", $"{model.Layers} layers cannot fill {spec.Pipeline} stages");
        if (spec.Expert > 1 && (model.Experts is not { } mixture || mixture.Count % spec.Expert != 0))
            problems.Add("parallelism.expert", $"{model.Name} has {model.Experts?.Count ?? 0} experts, which cannot be divided by {spec.Expert}; use a divisor, or 1");
    }

    private static void Within(long value, long least, long most, string path, ref ProblemList problems)
    {
        if (value < least || value > most)
            problems.Add(path, $"{value}; use {least} to {most}");
    }
}
