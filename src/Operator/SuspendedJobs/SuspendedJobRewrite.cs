using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning;

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
        var rewritten = !mayChangeResources ? [] : Outgrown(job, workload, ns, cluster) ?? Written(job, workload, ns, cluster);
        PatchOperation[] changes = [.. rewritten, .. Release(job)];
        return changes.Length == 0 ? [] : [new PatchOperation("test", ["metadata", "resourceVersion"], job["metadata"]!["resourceVersion"]!), .. changes];
    }

    private static IEnumerable<PatchOperation> Written(JsonObject job, Workload workload, string ns, IClusterState cluster) =>
        WorkloadRewrite.Operations(job, workload, ns, cluster).Where(operation => IsMutable(operation.Path));

    /// <summary>
    /// What comes for the GPUs that an earlier plan wrote, where they are no longer enough: Kueue suspends a Job as often as it preempts it, and its
    /// TrainingJob may have changed since. What is enough stays, so that Kueue need not look at the Job anew; so does what somebody else wrote since.
    /// </summary>
    /// <returns>Null where no plan wrote them, or they are enough.</returns>
    private static IEnumerable<PatchOperation>? Outgrown(JsonObject job, Workload workload, string ns, IClusterState cluster)
    {
        if (workload.Pods is not [var pods] || !GpusTogether.IsAsRewritten(pods.Pod, PodGpus.Of(pods.Pod.Spec).Count))
            return null;
        if (PodTie.Of(pods.Pod.Metadata, workload, ns, cluster).Description is not TrainingJob described
            || !JobDecision.Of(described, pods.Pod.Spec, cluster.Inventory, cluster.ConfigMaps, share: null, GpusTogether.Of(workload, workload.Pods)).Verdict.Rejects())
            return null;
        var bare = WithoutGpus(job);
        if (WorkloadReader.Read(bare) is not { } asking)
            return null;
        PatchOperation[] written = [.. Written(bare, asking, ns, cluster)];
        if (!Array.Exists(written, operation => operation.Path[^1] == ApiGroup.RewrittenAnnotation))
            return null;
        PatchOperation.Apply(bare, written);
        return Changed(job, bare, [.. Template, "metadata", "annotations", ApiGroup.RewrittenAnnotation])
            .Concat((bare["spec"]!["template"]!["spec"]!["containers"] as JsonArray)!.SelectMany((_, at) => Changed(job, bare, [.. Template, "spec", "containers", at.ToString(CultureInfo.InvariantCulture), "resources"])));
    }

    private static JsonObject WithoutGpus(JsonObject job)
    {
        var bare = job.DeepClone().AsObject();
        foreach (var container in (bare["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>())
            foreach (var amounts in new[] { container["resources"]?["limits"], container["resources"]?["requests"] }.OfType<JsonObject>())
                foreach (var (resource, _) in amounts.Where(amount => GpuResources.IsGpu(amount.Key)).ToList())
                    amounts.Remove(resource);
        (bare["spec"]?["template"]?["metadata"]?["annotations"] as JsonObject)?.Remove(ApiGroup.RewrittenAnnotation);
        return bare;
    }

    /// <summary>A member that both have, where it differs.</summary>
    private static IEnumerable<PatchOperation> Changed(JsonObject before, JsonObject after, string[] path) =>
        Find(after, path) is { } value && !JsonNode.DeepEquals(Find(before, path), value) ? [new PatchOperation("replace", path, value.DeepClone())] : [];

    private static JsonNode? Find(JsonNode? node, IEnumerable<string> path) =>
        path.Aggregate(node, (at, part) => at switch { JsonArray list => list[int.Parse(part, CultureInfo.InvariantCulture)], JsonObject members => members[part], _ => null });

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
