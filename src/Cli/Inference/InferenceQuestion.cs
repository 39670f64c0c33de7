using GpuMem.Api.Commands;
using GpuMem.Api.Serving;
using GpuMem.Catalogues.Gpus;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Page.Answers;
using GpuMem.Planning.Serving;

namespace GpuMem.Cli.Inference;

/// <summary>A model to be served and perhaps a GPU, and the estimate of it.</summary>
internal static class InferenceQuestion
{
    /// <exception cref="UserErrorException">The model cannot be served so, or is not fully described.</exception>
    public static ServingAnswer Answer(InferenceSettings settings, GpuModel? gpu) => ServingAnswer.Of(settings, gpu, out var problems) ?? throw Invalid(problems);

    /// <summary>Of what a command starts; where it states no length, of the one that <see cref="ServedLength"/> asks for.</summary>
    /// <exception cref="UserErrorException">As above.</exception>
    public static ServingAnswer Answer(EngineCommand command, GpuModel? gpu)
    {
        var settings = command.Settings;
        if (settings.ContextLength is null)
        {
            var spec = InferenceReader.Read(settings, out var problems) ?? throw Invalid(problems);
            settings.ContextLength = ServedLength.Asked(spec.Engine, command.LeavesLength, spec.Model);
        }
        var answer = Answer(settings, gpu);

        // What was left out may be what makes it fit, such as layers that stay on the host.
        if (command.NotUnderstood.Count == 0)
            return answer;
        return answer with { IsCertain = false, Capacity = answer.Capacity is { } capacity ? capacity with { IsCertain = false } : null };
    }

    /// <summary>The smallest servers of all GPUs that are built in, the tensor parallel size left open.</summary>
    /// <exception cref="UserErrorException">The model cannot be served so, or is not fully described.</exception>
    public static IReadOnlyList<ServerCandidate> Smallest(InferenceSettings settings)
    {
        var spec = InferenceReader.Read(settings, out var problems) ?? throw Invalid(problems);
        return InferenceEstimator.Validate(spec with { Tensor = 1 }) is { Count: > 0 } reasons
            ? throw Invalid(reasons)
            : ServerPlanner.Smallest(new ServerRequest { Spec = spec, BatchedTokensAreAuto = settings.MaxBatchedTokens is null, SequencesOfPassAreAuto = settings.MaxSequences is null });
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}
