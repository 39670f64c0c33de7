using GpuMem.Api.TrainingJobs;
using GpuMem.Serving;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Serving;

/// <summary>Turns settings of serving into what the estimator takes, filling in the defaults that the fields promise.</summary>
public static class InferenceReader
{
    private const long DefaultLength = 8192;

    /// <summary>Of a file, where there are no ConfigMaps.</summary>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static InferenceSpec? Read(InferenceSettings settings, out IReadOnlyList<JobProblem> problems) => Read(settings, ns: null, NoConfigMaps.Instance, out problems);

    /// <param name="settings">What the author wrote.</param>
    /// <param name="ns">The namespace whose ConfigMaps the model may name.</param>
    /// <param name="configMaps">The ConfigMaps there are.</param>
    /// <param name="problems">Every reason why there is no answer.</param>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static InferenceSpec? Read(InferenceSettings settings, string? ns, IConfigMapModels configMaps, out IReadOnlyList<JobProblem> problems)
    {
        List<JobProblem> found = [];
        problems = found;
        var model = ModelReader.Read(settings.Model, ns, configMaps, found);
        var output = settings.OutputLength ?? 0;
        var input = Input(settings, output, found);
        var draft = settings.Draft is { } drafting ? Draft(drafting, found) : null;
        var stages = settings.StageLayers is null ? null : StageLayers.Read(settings.StageLayers, settings.Pipeline ?? 1, model, found);
        var quantization = QuantizationReader.Read(settings.Quantization, "quantization", found);
        if (model is null || found.Count > 0)
            return null;
        var usual = new InferenceSpec { Model = model, InputLength = input };
        return usual with
        {
            Engine = settings.Engine ?? usual.Engine,
            EngineVersion = settings.EngineVersion,
            Weights = settings.Weights ?? usual.Weights,
            Quantization = quantization,
            KvCacheDtype = settings.CacheType ?? usual.KvCacheDtype,
            ValueCacheDtype = settings.ValueCacheType,
            CacheScalesPerTokenHead = settings.CacheScalesPerTokenHead,
            CacheLength = settings.CacheLength,
            GrowingCache = settings.GrowingCache,
            BlockSize = settings.BlockSize,
            Batch = settings.Sequences ?? usual.Batch,
            OutputLength = output,
            Logits = settings.Logits ?? usual.Logits,
            Attention = settings.Attention ?? usual.Attention,
            Tensor = settings.Tensor?.Value ?? usual.Tensor,
            Pipeline = settings.Pipeline ?? usual.Pipeline,
            Expert = settings.Expert ?? usual.Expert,
            MaxBatchedTokens = settings.MaxBatchedTokens ?? usual.MaxBatchedTokens,
            MaxSequences = settings.MaxSequences ?? usual.MaxSequences,
            CudaGraphs = settings.CudaGraphs ?? usual.CudaGraphs,
            MemoryFraction = settings.MemoryFraction?.ToDecimal(),
            CacheMemory = settings.CacheMemory is { } cache ? new Bytes(cache.ToInt64()) : null,
            WeightsOnHost = new Bytes(settings.WeightsOnHost?.ToInt64() ?? 0),
            ExpertLayersOnHost = settings.ExpertLayersOnHost ?? usual.ExpertLayersOnHost,
            LoraSlots = settings.LoraSlots ?? usual.LoraSlots,
            Lora = new LoraSpec { Rank = settings.LoraRank ?? usual.Lora.Rank },
            Draft = draft,
            PredictionModules = settings.PredictionModules ?? usual.PredictionModules,
            StageLayers = stages,
            DecodeContext = settings.DecodeContext ?? usual.DecodeContext,
            ProposedTokens = settings.ProposedTokens ?? usual.ProposedTokens,
            PrefixCaching = settings.PrefixCaching,
            HybridCache = settings.HybridCache ?? usual.HybridCache,
            StateSlots = settings.StateSlots ?? (settings is { Engine: InferenceEngine.LlamaCpp, Sequences: null } ? EngineDefaults.LlamaCppSlots : null),
            StateShare = settings.StateShare?.ToDecimal(),
            StateType = settings.StateType,
            WindowShare = settings.WindowShare?.ToDecimal(),
            MarlinExperts = settings.MarlinExperts ?? usual.MarlinExperts,
            TextOnly = settings.TextOnly ?? usual.TextOnly,
        };
    }

    /// <summary>Tokens of the prompt: as given, or what the output leaves of the whole.</summary>
    private static long Input(InferenceSettings settings, long output, List<JobProblem> problems)
    {
        if (settings.ContextLength is not { } context)
            return settings.InputLength ?? DefaultLength;
        if (settings.InputLength is not null)
            problems.Add(new JobProblem("contextLength", "it is prompt and output together, and inputLength the prompt: give one of the two"));
        else if (output >= context)
            problems.Add(new JobProblem("outputLength", $"{output} of contextLength {context} leave no token for the prompt; it must be less"));
        return context - output;
    }

    private static SpeculativeDraft? Draft(DraftSettings settings, List<JobProblem> problems)
    {
        List<JobProblem> own = [];
        var model = ModelReader.Read(settings.Model, ns: null, NoConfigMaps.Instance, own);
        problems.AddRange(own.Select(problem => problem with { Path = $"draft.{problem.Path}" }));
        return model is null ? null : new SpeculativeDraft(model, settings.Tensor ?? 1);
    }
}
