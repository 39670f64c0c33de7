using GpuMem.Api.Workloads;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Live;

/// <summary>What can be asked about in a cluster, by the names that kubectl takes: <c>pod</c>, <c>pods</c>, <c>po</c>.</summary>
internal static class LiveKinds
{
    public static readonly EntityMetadata TrainingJob = EntityMetadata.Of<Api.TrainingJobs.TrainingJob>();

    public static readonly EntityMetadata ModelServer = EntityMetadata.Of<Api.ModelServers.ModelServer>();

    private static readonly IReadOnlyList<EntityMetadata> All = [TrainingJob, ModelServer, .. WorkloadKinds.All];

    private static readonly Dictionary<string, string> Short = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gtj"] = "trainingjobs.gpumem.io", ["gms"] = "modelservers.gpumem.io", ["po"] = "pods.", ["cj"] = "cronjobs.batch", ["deploy"] = "deployments.apps", ["rs"] = "replicasets.apps",
        ["sts"] = "statefulsets.apps", ["lws"] = "leaderworkersets.leaderworkerset.x-k8s.io", ["vcjob"] = "jobs.batch.volcano.sh", ["vj"] = "jobs.batch.volcano.sh",
        ["isvc"] = "inferenceservices.serving.kserve.io", ["llmisvc"] = "llminferenceservices.serving.kserve.io", ["wf"] = "workflows.argoproj.io", ["cwf"] = "cronworkflows.argoproj.io",
    };

    /// <summary>What <c>TYPE/NAME</c> names; a type may have its group behind it, as in <c>jobs.batch.volcano.sh/x</c>.</summary>
    /// <exception cref="UserErrorException">It has another form, or nothing is known of the type.</exception>
    public static (EntityMetadata Type, string Name) Read(string text)
    {
        if (text.Split('/') is not [var type, { Length: > 0 } name])
            throw new UserErrorException($"{text}: say TYPE/NAME, such as trainingjob/llama-8b, pod/trainer-0 or job/train");
        var asked = Short.GetValueOrDefault(type, type);
        return All.FirstOrDefault(known => Is(known, asked)) is { } found
            ? (found, name)
            : throw new UserErrorException($"{text}: {type} is nothing that makes pods with GPUs; known are {string.Join(", ", All.Select(known => known.Kind.ToLowerInvariant()).Distinct())}");
    }

    private static bool Is(EntityMetadata type, string asked) =>
        new[] { type.Kind, type.Plural }.Any(name => asked.Equals(name, StringComparison.OrdinalIgnoreCase) || asked.Equals($"{name}.{type.Group}", StringComparison.OrdinalIgnoreCase));
}
