using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Operator.SuspendedJobs;

/// <summary>What the plan changes in a Job that waits: what the webhook would have changed when it was created, had there been a plan.</summary>
internal static class SuspendedJobRewrite
{
    /// <summary>Names, with commas between them, of those without whom Kueue does not look at a workload yet (Kueue's KEP-6915).</summary>
    public const string GatesAnnotation = "kueue.x-k8s.io/admission-gated-by";

    /// <summary>In that annotation: until the plan is written.</summary>
    private const string Gate = "gpumem.io/plan";

    private static readonly string[] Template = ["spec", "template"];

    /// <param name="job">The Job as it is stored.</param>
    /// <param name="cluster">The pools and TrainingJobs there are.</param>
    /// <param name="mayChangeResources">The server lets a suspended Job's pods ask for something else.</param>
    /// <returns>A patch that fails where the Job has changed since; empty when there is nothing to change, or no TrainingJob yet to say what.</returns>
    public static IReadOnlyList<PatchOperation> Operations(JsonObject job, IClusterState cluster, bool mayChangeResources)
    {
        using var read = JsonDocument.Parse(job.ToJsonString());
        if (!Waits(job) || WorkloadReader.Read(read.RootElement) is not { } workload || workload.Metadata.NamespaceProperty is not { } ns)
            return [];
        if (workload.Metadata.Labels?.TryGetValue(ApiGroup.TrainingJobLabel, out var name) != true || cluster.FindJob(ns, name!) is null)
            return [];
        var rewritten = mayChangeResources ? WorkloadRewrite.Operations(job, workload, ns, cluster).Where(operation => IsMutable(operation.Path)) : [];
        PatchOperation[] changes = [.. rewritten, .. Release(job)];
        return changes.Length == 0 ? [] : [new PatchOperation("test", ["metadata", "resourceVersion"], job["metadata"]!["resourceVersion"]!), .. changes];
    }

    /// <summary>As the API server sees it: one that ran before has stopped, and nobody makes it again from a template of his own.</summary>
    private static bool Waits(JsonObject job) =>
        job["spec"]?["suspend"]?.GetValueKind() == JsonValueKind.True
        && job["status"]?["active"] is null or JsonValue
        && (job["status"]?["active"]?.GetValue<long>() ?? 0) == 0
        && job["metadata"]?["ownerReferences"] is not JsonArray { Count: > 0 };

    /// <summary>Of the template of a suspended Job resources, selector, tolerations, labels and annotations may change (KEP-2926, KEP-5440); its volumes may not.</summary>
    private static bool IsMutable(IReadOnlyList<string> path) => path.Take(Template.Length).SequenceEqual(Template)
        && path.Skip(Template.Length).ToArray() is ["metadata", ..] or ["spec", "nodeSelector" or "tolerations", ..] or ["spec", "containers", _, "resources", ..];

    private static IEnumerable<PatchOperation> Release(JsonObject job)
    {
        if (job["metadata"]?["annotations"]?[GatesAnnotation] is not JsonValue value || !value.TryGetValue<string>(out var written))
            yield break;
        var gates = written.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] others = [.. gates.Where(gate => gate != Gate)];
        string[] path = ["metadata", "annotations", GatesAnnotation];
        if (others.Length == 0 && gates.Length > 0)
            yield return new PatchOperation("remove", path, null);
        else if (others.Length < gates.Length)
            yield return new PatchOperation("replace", path, string.Join(',', others));
    }
}
