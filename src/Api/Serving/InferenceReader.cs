using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Serving;

/// <summary>Turns settings of serving into what the estimator takes, filling in the defaults that the fields promise.</summary>
public static class InferenceReader
{
    private const long DefaultLength = 8192;

    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static InferenceSpec? Read(InferenceSettings settings, out IReadOnlyList<JobProblem> problems)
    {
        List<JobProblem> found = [];
        problems = found;
        var model = ModelReader.Read(settings.Model, ns: null, NoConfigMaps.Instance, found);
        var draft = settings.Draft is { } drafting ? Draft(drafting, found) : null;
        var quantization = QuantizationReader.Read(settings.Quantization, "quantization", found);
        if (model is null || found.Count > 0)
            return null;
        var usual = new InferenceSpec { Model = model, InputLength = DefaultLength };
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
            InputLength = settings.InputLength ?? usual.InputLength,
            OutputLength = settings.OutputLength ?? usual.OutputLength,
            Logits = settings.Logits ?? usual.Logits,
            Attention = settings.Attention ?? usual.Attention,
            Tensor = settings.Tensor ?? usual.Tensor,
            Pipeline = settings.Pipeline ?? usual.Pipeline,
            Expert = settings.Expert ?? usual.Expert,
            MaxBatchedTokens = settings.MaxBatchedTokens ?? usual.MaxBatchedTokens,
            MaxSequences = settings.MaxSequences ?? usual.MaxSequences,
            CudaGraphs = settings.CudaGraphs ?? usual.CudaGraphs,
            MemoryFraction = settings.MemoryFraction,
            LoraSlots = settings.LoraSlots ?? usual.LoraSlots,
            Lora = new LoraSpec { Rank = settings.LoraRank ?? usual.Lora.Rank },
            Draft = draft,
            PredictionModules = settings.PredictionModules ?? usual.PredictionModules,
        };
    }

    private static SpeculativeDraft? Draft(DraftSettings settings, List<JobProblem> problems)
    {
        List<JobProblem> own = [];
        var model = ModelReader.Read(settings.Model, ns: null, NoConfigMaps.Instance, own);
        problems.AddRange(own.Select(problem => problem with { Path = $"draft.{problem.Path}" }));
        return model is null ? null : new SpeculativeDraft(model, settings.Tensor ?? 1);
    }
}
