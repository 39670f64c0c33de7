using GpuMem.Api.Serving;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Inference;

/// <summary>A model to be served and perhaps a GPU, and the estimate of it.</summary>
internal static class InferenceQuestion
{
    /// <exception cref="UserErrorException">The model cannot be served so, or is not fully described.</exception>
    public static InferenceAnswer Answer(InferenceSettings settings, GpuModel? gpu)
    {
        var spec = InferenceReader.Read(settings, out var problems) ?? throw Invalid(problems);

        // Engines choose limits by the GPU that they find.
        if (gpu is not null)
            spec = EngineDefaults.On(spec, gpu.Name, gpu.UsableMemory, settings.MaxBatchedTokens is not null, settings.MaxSequences is not null);
        try
        {
            var capacity = gpu is null ? null : InferenceEstimator.Capacity(spec, gpu.UsableMemory);
            return new InferenceAnswer(spec, InferenceEstimator.Estimate(spec), gpu, capacity);
        }
        catch (InvalidJobException error)
        {
            throw Invalid(error.Problems);
        }
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}
