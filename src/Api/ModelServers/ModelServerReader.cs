using GpuMem.Api.Pods;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Serving;

namespace GpuMem.Api.ModelServers;

/// <summary>
/// Turns a ModelServer into what planning understands, by the reader of all settings of serving. As of TrainingJobs, everything that the schema says
/// is checked here too.
/// </summary>
public static class ModelServerReader
{
    /// <param name="server">What the author wrote.</param>
    /// <param name="configMaps">The ConfigMaps there are.</param>
    /// <param name="gpusOfPod">GPUs that the pod in question asks for, when its author fixed them; null leaves the choice to the plan.</param>
    /// <param name="problems">Every reason why there is no answer.</param>
    /// <param name="together">GPUs of all pods of one replica.</param>
    /// <returns>Null when <paramref name="problems"/> has entries.</returns>
    public static ServerRequest? Read(ModelServer server, IConfigMapModels configMaps, int? gpusOfPod, out IReadOnlyList<JobProblem> problems, GpusTogether together = default)
    {
        var spec = server.Spec ?? new ModelServerSpec();
        List<JobProblem> found = [.. Contradictions(spec)];
        var served = InferenceReader.Read(spec, server.Namespace(), configMaps, out var ofSettings);
        found.AddRange(ofSettings);
        problems = found;
        if (served is null || found.Count > 0)
            return null;
        return new ServerRequest
        {
            Spec = served,
            BatchedTokensAreAuto = spec.MaxBatchedTokens is null,
            SequencesOfPassAreAuto = spec.MaxSequences is null,
            TensorIsAuto = spec.Tensor is { IsAuto: true },
            PromptIsStated = spec.InputLength is not null,
            GpusPerPod = gpusOfPod,
            GpusOfPods = together.Assumed is null ? together.Count : null,
            PodsJoin = together.HasOthers,
            Pools = [.. spec.Placement?.Pools ?? []],
            Objective = spec.Placement?.Objective ?? Objective.Cost,
            HeadroomPercent = spec.Policy?.HeadroomPercent ?? 0,
            OccupiedMemory = new Bytes(spec.Placement?.OccupiedMemory?.ToInt64() ?? 0),
        };
    }

    private static IEnumerable<JobProblem> Contradictions(ModelServerSpec spec)
    {
        if (spec.Template is not null && spec.TargetRef is not null)
            yield return new JobProblem("template", "give template (GpuMem launches the server) or targetRef (somebody else does), not both");
        if (spec.ContextLength is null && spec.InputLength is null)
            yield return new JobProblem("contextLength", "is needed: the tokens of one sequence, prompt and output together (vLLM --max-model-len), 8192 for example");
        if (spec is { Replicas: not null, Template: null })
            yield return new JobProblem("replicas", "is for the servers that template makes: give template, or leave the number to the workload");
        if (spec.Placement?.OccupiedMemory is { } occupied && occupied.ToDecimal() < 0)
            yield return new JobProblem("placement.occupiedMemory", $"{occupied} is less than nothing; give what others hold of each GPU, 20Gi for example");
    }
}
