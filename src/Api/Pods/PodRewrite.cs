using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Pods;

/// <summary>
/// What a plan changes in a pod: GPU count, node selector, tolerations, <c>/dev/shm</c>. Works on the raw JSON and only ever adds what is
/// missing or replaces the GPU count; applied to its own result it changes nothing.
/// </summary>
public static class PodRewrite
{
    private const string SharedMemory = "gpumem-shm";

    /// <param name="template">A pod or its template; one that does not have the shape of a pod is left as it is.</param>
    public static IReadOnlyList<PatchOperation> Operations(JsonObject template, WorkloadDecision decision) =>
        PodTemplate.Spec(template) is { } read && PodTemplate.Share(template) is null ? Operations(template, read, decision) : [];

    /// <summary>Stands between the GPUs that were asked for and those that were given, <c>nvidia.com/gpu 1→8</c>.</summary>
    internal const char To = '→';

    /// <param name="read">What was read of the pod's <c>spec</c>.</param>
    internal static IReadOnlyList<PatchOperation> Operations(JsonObject pod, V1PodSpec read, WorkloadDecision decision)
    {
        if (decision.Placed is not { } placement || decision.Entry is not { } entry || pod["spec"] is not JsonObject spec)
            return [];
        // Whose scheduler deals in parts of GPUs, or who gets them by claims, has said all that is to be said.
        if (GpuShare.Of(read) is not null || UnknownDevice.Of(read) is not null || entry.IsClaimed)
            return [];
        var patch = new Patch(pod);
        var rewritten = Gpus(patch, spec, read, entry.Pool.ResourceName, placement.GpusPerNode, decision.Description);
        Selector(patch, spec, entry);
        Tolerations(patch, read, entry);
        if (placement.GpusPerNode > 1)
            SharedMemoryVolume(patch, spec);
        if (rewritten is not null)
        {
            patch.EnsureObject("metadata");
            patch.EnsureObject("metadata", "annotations");
            patch.Add(JsonValue.Create(rewritten), "metadata", "annotations", ApiGroup.RewrittenAnnotation);
        }
        return patch.Operations;
    }

    /// <summary>What gets a pod to a pool whose devices it claims: node selector and tolerations.</summary>
    /// <param name="template">The template of the pod.</param>
    /// <param name="entry">The pool.</param>
    public static IReadOnlyList<PatchOperation> Placement(JsonObject template, PoolEntry entry)
    {
        var patch = new Patch(template);
        if (template["spec"] is JsonObject spec && PodTemplate.Spec(template) is { } read)
        {
            Selector(patch, spec, entry);
            Tolerations(patch, read, entry);
        }
        return patch.Operations;
    }

    /// <summary>What was done to the GPU count, <c>nvidia.com/gpu 1→8</c>; null when nothing.</summary>
    private static string? Gpus(Patch patch, JsonObject spec, V1PodSpec read, string resource, int wanted, IPodDescription description)
    {
        if (spec["containers"] is not JsonArray { Count: > 0 } containers || description.Rewrite() == RewriteMode.Never)
            return null;
        var index = Trainer(containers);
        if (containers[index] is not JsonObject container)
            return null;
        var asked = PodGpus.Of(read);
        if (description.FixedGpus(asked) is not null)
            return null;
        // What other containers ask for stays theirs.
        var others = read.Containers!.Where((_, i) => i != index).Sum(other => Gpus(other).Count);
        var share = Math.Max(1, wanted - others);
        if (Gpus(read.Containers![index]) == new PodGpus(resource, share))
            return null;
        string[] at = ["spec", "containers", index.ToString(CultureInfo.InvariantCulture), "resources"];
        var quantity = JsonValue.Create(share.ToString(CultureInfo.InvariantCulture));
        patch.EnsureObject(at);
        patch.EnsureObject([.. at, "limits"]);
        patch.Set(quantity, [.. at, "limits", resource]);
        // Requests of an extended resource must equal its limits; left out they default to them.
        if (container.Member("resources", "requests", resource) is not null)
            patch.Set(quantity, [.. at, "requests", resource]);
        return $"{resource} {asked.Count}{To}{others + share}";
    }

    private static PodGpus Gpus(V1Container container) => PodGpus.Of(new V1PodSpec { Containers = [container] });

    /// <summary>The container that already asks for GPUs; else the first.</summary>
    private static int Trainer(JsonArray containers)
    {
        for (var i = 0; i < containers.Count; i++)
            if (AsksForGpus(containers[i].Member("resources", "limits")) || AsksForGpus(containers[i].Member("resources", "requests")))
                return i;
        return 0;
    }

    private static bool AsksForGpus(JsonNode? amounts) => amounts is JsonObject map && map.Any(amount => GpuResources.IsGpu(amount.Key));

    private static void Selector(Patch patch, JsonObject spec, PoolEntry entry)
    {
        if (entry.NodeSelector.Count == 0 || spec["nodeName"] is not null)
            return;
        patch.EnsureObject("spec", "nodeSelector");
        foreach (var (key, value) in entry.NodeSelector)
            if (spec["nodeSelector"]?[key] is null)
                patch.Add(JsonValue.Create(value), "spec", "nodeSelector", key);
    }

    private static void Tolerations(Patch patch, V1PodSpec read, PoolEntry entry)
    {
        List<V1Toleration> present = [.. (read.Tolerations ?? []).OfType<V1Toleration>()];
        foreach (var taint in entry.Taints)
        {
            if (present.Any(toleration => toleration.Key == taint.Key || string.IsNullOrEmpty(toleration.Key)))
                continue;
            patch.EnsureArray("spec", "tolerations");
            patch.Append(new JsonObject { ["effect"] = taint.Effect, ["key"] = taint.Key, ["operator"] = "Exists" }, "spec", "tolerations");
        }
    }

    /// <summary>NCCL and data loaders of several GPUs share memory; the container runtime's default of 64 MiB is too little.</summary>
    private static void SharedMemoryVolume(Patch patch, JsonObject spec)
    {
        if (spec["containers"] is not JsonArray { Count: > 0 } containers)
            return;
        var index = Trainer(containers);
        if (containers[index] is not JsonObject trainer)
            return;
        if (trainer["volumeMounts"] is JsonArray mounts && mounts.Any(mount => Text(mount, "mountPath") == "/dev/shm"))
            return;
        if (spec["volumes"] is JsonArray volumes && volumes.Any(volume => Text(volume, "name") == SharedMemory))
            return;
        patch.EnsureArray("spec", "volumes");
        patch.Append(new JsonObject { ["emptyDir"] = new JsonObject { ["medium"] = "Memory" }, ["name"] = SharedMemory }, "spec", "volumes");
        string[] container = ["spec", "containers", index.ToString(CultureInfo.InvariantCulture)];
        patch.EnsureArray([.. container, "volumeMounts"]);
        patch.Append(new JsonObject { ["mountPath"] = "/dev/shm", ["name"] = SharedMemory }, [.. container, "volumeMounts"]);
    }

    /// <summary>Null also where the item is no object: volumes and mounts are not among what was read of the pod, and may be anything.</summary>
    private static string? Text(JsonNode? item, string member) => item is JsonObject map && map[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Collects operations, and knows which parents exist or were made by an earlier one. The pod is not copied: it may have megabytes.</summary>
    private sealed class Patch(JsonObject original)
    {
        private readonly List<PatchOperation> _operations = [];

        public IReadOnlyList<PatchOperation> Operations => _operations;

        public void EnsureObject(params string[] path)
        {
            if (Find(path) is not JsonObject && !IsMade(path))
                Add(new JsonObject(), path);
        }

        public void EnsureArray(params string[] path)
        {
            if (Find(path) is not JsonArray && !IsMade(path))
                Add(new JsonArray(), path);
        }

        public void Set(JsonNode value, params string[] path) => Record(Find(path) is null ? "add" : "replace", value, path);

        public void Add(JsonNode value, params string[] path) => Record("add", value, path);

        public void Append(JsonNode value, params string[] path) => Record("add", value, [.. path, "-"]);

        private void Record(string op, JsonNode value, string[] path) => _operations.Add(new PatchOperation(op, path, value));

        private bool IsMade(string[] path) => _operations.Exists(operation => operation.Path.SequenceEqual(path));

        private JsonNode? Find(string[] path)
        {
            JsonNode? node = original;
            foreach (var part in path)
                node = node switch
                {
                    JsonObject map => map[part],
                    JsonArray list => list[int.Parse(part, CultureInfo.InvariantCulture)],
                    _ => null,
                };
            return node;
        }
    }
}
