using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>
/// <c>/dev/shm</c>, through which the workers of a data loader pass batches and NCCL moves what no link carries. Container runtimes give it 64 MiB, with
/// which both fail; what is used of it counts as memory of the container.
/// </summary>
internal static class SharedMemory
{
    /// <summary>Bounds what a pod takes of its node; nothing is set aside. Eight workers that are each a GiB of batches ahead, for every GPU.</summary>
    public const int GibibytesPerGpu = 8;

    private const string Path = "/dev/shm";

    private const string Volume = "gpumem-shm";

    /// <summary>Gives the container a memory-backed <c>/dev/shm</c> where its author mounted none, and a bound to one that was added before.</summary>
    public static void Mount(JsonObject spec, JsonObject container, int gpus)
    {
        var volume = spec.Elements("volumes").FirstOrDefault(volume => volume["name"]?.ToString() == Volume);
        var mounted = container.Elements("volumeMounts").FirstOrDefault(mount => mount["mountPath"]?.ToString() == Path);
        if (mounted is not null && mounted["name"]?.ToString() != Volume)
            return;
        if (volume is null)
            Append(spec, "volumes", volume = new JsonObject { ["emptyDir"] = new JsonObject { ["medium"] = "Memory" }, ["name"] = Volume });
        if (mounted is null)
            Append(container, "volumeMounts", new JsonObject { ["mountPath"] = Path, ["name"] = Volume });
        if (volume["emptyDir"] is JsonObject directory)
            directory["sizeLimit"] ??= string.Create(CultureInfo.InvariantCulture, $"{(long)GibibytesPerGpu * gpus}Gi");
    }

    private static IEnumerable<JsonObject> Elements(this JsonObject parent, string name) => (parent[name] as JsonArray ?? []).OfType<JsonObject>();

    private static void Append(JsonObject parent, string name, JsonObject element)
    {
        if (parent[name] is not JsonArray)
            parent[name] = new JsonArray();
        parent[name]!.AsArray().Add((JsonNode)element);
    }
}
