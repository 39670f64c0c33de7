using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning;

namespace GpuMem.Api.Decisions;

/// <summary>
/// What a plan changes in a workload whose author asked for it, by our label on the workload itself: pods that ask for no GPU get as many as the plan gives
/// to each of so many pods, with the pool's selector, and carry the label. What asks for GPUs already stays as it is.
/// </summary>
public static class WorkloadRewrite
{
    /// <param name="raw">The workload as it was sent.</param>
    /// <param name="workload">What was read of it.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="cluster">The pools, TrainingJobs and ModelServers there are.</param>
    public static IReadOnlyList<PatchOperation> Operations(JsonObject raw, Workload workload, string ns, IClusterState cluster)
    {
        if (Decide(workload, ns, cluster) is not { } decision || workload.Pods[0].Path is not { } path || Template(raw, path) is not { } written)
            return [];
        var template = written.DeepClone().AsObject();
        var labels = Labels(template, workload.Metadata);
        PatchOperation.Apply(template, labels);
        // Kueue chooses the nodes, and would find our choice in the way.
        var isQueued = raw.Member("metadata", "labels", KueueQueue.Label) is not null;
        var rewritten = PodRewrite.Operations(template, decision).Where(operation => !isQueued || !IsPlacement(operation));
        return [.. labels.Concat(rewritten).Select(operation => operation with { Path = [.. path, .. operation.Path] })];
    }

    /// <summary>The decision about pods that are to be given GPUs; null where the author did not ask for that, or said himself what they get.</summary>
    internal static WorkloadDecision? Decide(Workload workload, string ns, IClusterState cluster)
    {
        // One template, whose pods are those that the description means; of several nobody knows which.
        if (workload.Pods is not [{ Path: not null } pods] || Label(workload.Metadata) is null || workload.Metadata.OwnerReferences?.Any(owner => owner is { Controller: true }) == true)
            return null;
        if (PodTie.Of(pods.Pod.Metadata, workload, ns, cluster) is not { Description: { } description, Mode: not PolicyMode.Off and var mode } || description.Rewrite() == RewriteMode.Never)
            return null;
        var spec = pods.Pod.Spec ?? new V1PodSpec();
        return PodGpus.Of(spec).Count > 0 || UnknownDevice.Of(spec) is not null || GpuShare.Of(pods.Pod) is not null 
            ? null
            : Decide(description, spec, pods.Count ?? 1, workload.AreCopies, cluster) with { UsualMode = mode };
    }

    /// <summary>The fewest GPUs for each pod that fit for sure; where none do, the most, so that the answer says what is lacking.</summary>
    private static WorkloadDecision Decide(IPodDescription description, V1PodSpec pod, long pods, bool areCopies, IClusterState cluster)
    {
        if (description is not TrainingJob job || (areCopies && pods > 1))
            return WorkloadDecision.Of(description, pod, cluster.Inventory, cluster.ConfigMaps);
        JobDecision? last = null;
        foreach (var gpus in Sizes(cluster.Inventory))
        {
            last = JobDecision.Of(job, pod, gpus, cluster.Inventory, cluster.ConfigMaps, new GpusTogether(JsonElements.Times(pods, gpus), null));
            if (last.Verdict == Verdict.Fits)
                break;
        }

        return last ?? JobDecision.Of(job, pod, cluster.Inventory, cluster.ConfigMaps);
    }

    /// <summary>Parts of a node that divide it evenly, ascending.</summary>
    private static IEnumerable<int> Sizes(PoolInventory inventory) => inventory.Pools
        .SelectMany(pool => Enumerable.Range(1, Math.Clamp(pool.GpusPerNode, 0, 128)).Where(part => pool.GpusPerNode % part == 0))
        .Distinct()
        .Order();

    private static string? Label(V1ObjectMeta metadata) => new[] { ApiGroup.TrainingJobLabel, ApiGroup.ModelServerLabel }.FirstOrDefault(label => metadata.Labels?.ContainsKey(label) == true);

    /// <summary>Its pods are told from others by the label that it has itself.</summary>
    private static List<PatchOperation> Labels(JsonObject template, V1ObjectMeta workload)
    {
        List<PatchOperation> operations = [];
        var label = Label(workload)!;
        if (template["metadata"] is not JsonObject metadata)
            operations.Add(new PatchOperation("add", ["metadata"], new JsonObject()));
        else if (metadata.Member("labels", label) is not null)
            return operations;
        if (template.Member("metadata", "labels") is not JsonObject)
            operations.Add(new PatchOperation("add", ["metadata", "labels"], new JsonObject()));
        operations.Add(new PatchOperation("add", ["metadata", "labels", label], JsonValue.Create(workload.Labels![label])));
        return operations;
    }

    private static JsonObject? Template(JsonNode? node, IEnumerable<string> path)
    {
        foreach (var name in path)
            node = node switch
            {
                JsonObject members => members[name],
                JsonArray items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < items.Count => items[at],
                _ => null,
            };
        return node as JsonObject;
    }

    private static bool IsPlacement(PatchOperation operation) => operation.Path is ["spec", "nodeSelector" or "tolerations", ..];
}
