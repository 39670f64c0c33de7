using GpuMem.Api.Commands;
using GpuMem.Api.Serving;
using GpuMem.Catalogues.Gpus;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Serving;

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
            return new InferenceAnswer(spec, InferenceEstimator.Estimate(spec), gpu, capacity, gpu is null ? null : Plan(spec, gpu));
        }
        catch (InvalidJobException error)
        {
            throw Invalid(error.Problems);
        }
    }

    /// <summary>Of what a command starts; where it states no length, of the one that <see cref="ServedLength"/> asks for.</summary>
    /// <exception cref="UserErrorException">As above.</exception>
    public static InferenceAnswer Answer(EngineCommand command, GpuModel? gpu)
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

    /// <summary>On a node that holds one replica, so that a larger tensor parallel size can be proposed.</summary>
    private static ServerPlan Plan(InferenceSpec spec, GpuModel gpu)
    {
        var replica = (long)spec.Tensor * spec.Pipeline * spec.Expert;
        return ServerPlanner.Plan(new ServerRequest { Spec = spec }, [ServerPlanner.OneNode(gpu, (int)Math.Clamp(replica, 8, 1024))]);
    }

    private static UserErrorException Invalid(IReadOnlyList<JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}
