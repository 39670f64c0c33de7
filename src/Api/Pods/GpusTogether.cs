using System.Globalization;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Pods;

/// <summary>The GPUs over which a job is divided that leaves its data parallel size open: what its workload starts is read, not guessed.</summary>
/// <param name="Count">GPUs of all pods that train together; null when nothing says how many pods there are.</param>
/// <param name="Assumed">What had to be assumed to know it, as words for people; null when it is certain.</param>
public readonly record struct GpusTogether(long? Count, string? Assumed)
{
    /// <summary>Counted from the workload's own manifest, so that a TrainingJob which says another number is mistaken.</summary>
    public bool IsCounted { get; init; }

    /// <summary>GPUs into which pods of several sizes are all divisible; null where all pods have as many. A world of pods of 4 and of 8 is not one of eights.</summary>
    public int? PodSize { get; init; }

    /// <summary>Others of its workload serve with it, whose number nothing here says: it is a worker of a Ray cluster, or of a LeaderWorkerSet.</summary>
    public bool HasOthers { get; init; }

    /// <summary>Nothing says it: the plan decides.</summary>
    public static readonly GpusTogether Unknown;

    private static readonly string[] Groups =
    [
        "LeaderWorkerSet", "RayCluster", "RayJob", "RayService", "RayCronJob", "RayClusterFleet", "Workspace", "RoleBasedGroup", "StormService", "RoleSet", "ModelServing", "DisaggregatedSet",
        "PodCliqueSet", "DynamoGraphDeployment",
    ];

    /// <summary>As the workload's manifest says.</summary>
    /// <param name="pods">Its pods that train together, with GPUs.</param>
    /// <param name="gpusOf">GPUs of a pod; null counts those that it asks for by a resource, and parts of GPUs.</param>
    public static GpusTogether Of(Workload workload, IEnumerable<WorkloadPods> pods, Func<V1Pod, long>? gpusOf = null)
    {
        gpusOf ??= pod => PodGpus.Of(pod.Spec).Count is > 0 and var asked ? asked : GpuShare.Of(pod)?.Gpus ?? 0;
        if (workload.IsPart)
            return Unknown with { HasOthers = true };
        var all = pods.Where(group => group.Count != 0).ToList();
        var counted = all.Select(group => JsonElements.Times(group.Count, gpusOf(group.Pod))).ToList();
        if (!workload.AreCopies && all.Count > 0 && counted.TrueForAll(count => count is > 0))
            return new GpusTogether(counted.Sum(), null) { IsCounted = true, PodSize = SizeOf([.. all.Select(group => gpusOf(group.Pod))]) };
        if (all is not [var only] || Groups.Contains(workload.Identity.Kind, StringComparer.Ordinal))
            return Unknown with { HasOthers = Groups.Contains(workload.Identity.Kind, StringComparer.Ordinal) || all.Exists(group => group.Role.EndsWith("worker", StringComparison.Ordinal)) };

        // That it trains alone may be assumed of a copy, and not of one pod among a number that is not known.
        var told = Of(only.Pod, gpusOf(only.Pod));
        return told.Assumed is null || workload.AreCopies ? told : Unknown;
    }

    private static int? SizeOf(List<long> gpus) => gpus.Distinct().Count() == 1 ? null : (int)Math.Min(gpus.Aggregate(GreatestDivisor), int.MaxValue);

    private static long GreatestDivisor(long one, long other) => other == 0 ? one : GreatestDivisor(other, one % other);

    /// <summary>As a pod alone says: operators and launchers tell each how many there are.</summary>
    /// <param name="gpus">GPUs of the pod.</param>
    public static GpusTogether Of(V1Pod pod, long gpus)
    {
        if (gpus <= 0 || IsAsRewritten(pod, gpus))
            return Unknown with { HasOthers = IsOfGroup(pod) };
        var (variables, words) = (Variables(pod.Spec), Words(pod.Spec));
        if (Nodes(variables, words) is { } nodes)
            return new GpusTogether(JsonElements.Times(gpus, nodes), null);
        if (Variable(variables, "WORLD_SIZE") is { } world && Number(world) is { } processes)
            return new GpusTogether(OfWorld(processes, gpus), null);
        return variables.Count > 0 || words.Exists(RankWords.IsIn) || MayHaveOthers(pod) ? Unknown with { HasOthers = IsOfGroup(pod) } : new GpusTogether(gpus, $"assumes 1 pod of {gpus} GPU{(gpus == 1 ? "" : "s")}: nothing in it names others; parallelism.data says how many there are");
    }

    /// <summary>The plan gave it so many, for as many pods as the plan has. Where another webhook has written another number since, that is what will run.</summary>
    /// <param name="pod">A pod or its template.</param>
    /// <param name="gpus">GPUs that it asks for.</param>
    public static bool IsAsRewritten(V1Pod pod, long gpus) =>
        pod.GetAnnotation(ApiGroup.RewrittenAnnotation) is { } told && Number(told[(told.LastIndexOf(PodRewrite.To) + 1)..]) == gpus;

    /// <summary>Processes, one for each GPU, or pods, as kubeflow counts where nobody says how many processes a pod has. The larger is taken: it needs the least memory each.</summary>
    private static long? OfWorld(long processes, long gpus) => processes == 1 ? gpus : JsonElements.Times(processes, gpus);

    private static long? Nodes(List<V1EnvVar> told, List<string> words)
    {
        if (Number(Variable(told, "PET_NNODES") ?? Variable(told, "NNODES") ?? Variable(told, "NUM_NODES") ?? Variable(told, "LWS_GROUP_SIZE")) is { } nodes)
            return nodes;
        for (var at = 0; at < words.Count; at++)
            if (RankWords.IsNodes(words[at], out var value))
                return Number(value ?? words.ElementAtOrDefault(at + 1));
        return null;
    }

    private static bool IsOfGroup(V1Pod pod) => OwnerLabels.Of(pod.Metadata).Any(owner => Groups.Contains(owner.Kind, StringComparer.Ordinal));

    /// <summary>A ConfigMap may name others, or it belongs to what makes several by its nature. Pods of a Job without ranks cannot tell each other apart.</summary>
    private static bool MayHaveOthers(V1Pod pod) =>
        HasVariablesOfConfigMap(pod.Spec)
        || OwnerLabels.Of(pod.Metadata).Any() || pod.GetController() is not (null or { Kind: "Job", ApiVersion: "batch/v1" });

    private static bool HasVariablesOfConfigMap(V1PodSpec pod) =>
        (pod.Containers ?? []).OfType<V1Container>().SelectMany(container => container.EnvFrom ?? []).Any(source => source?.ConfigMapRef is not null);

    private static List<string> Words(V1PodSpec pod) =>
        [.. (pod.Containers ?? []).OfType<V1Container>().SelectMany(container => (container.Command ?? []).Concat(container.Args ?? [])).OfType<string>()];

    /// <summary>Those by which processes find each other.</summary>
    private static List<V1EnvVar> Variables(V1PodSpec pod) => [.. (pod.Containers ?? []).OfType<V1Container>()
        .SelectMany(container => container.Env ?? []).OfType<V1EnvVar>().Where(variable => RankWords.Variables.Contains(variable.Name, StringComparer.Ordinal))];

    private static string? Variable(List<V1EnvVar> told, string name) => told.Find(variable => variable.Name == name)?.Value;

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
