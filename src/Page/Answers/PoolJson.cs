using GpuMem.Api.Nodes;

namespace GpuMem.Page.Answers;

/// <summary>A pool for machines.</summary>
public static class PoolJson
{
    public static JsonObject Of(PoolEntry entry, long? free) => new()
    {
        ["name"] = entry.Pool.Name,
        ["resource"] = entry.Pool.ResourceName,
        ["product"] = entry.Pool.Product,
        // Where it is the host's too, what a process gets depends on the host: said is all that there is.
        ["memoryGiB"] = GiB(entry.Pool.SharesMemoryWithHost ? entry.Pool.LargestMemory : entry.Pool.UsableMemory),
        ["largestMemoryGiB"] = GiB(entry.Pool.LargestMemory ?? entry.Pool.UsableMemory),
        ["gpus"] = entry.Gpus,
        ["gpusPerNode"] = entry.Pool.GpusPerNode,
        ["nodes"] = entry.Nodes.Count,
        ["maxNodes"] = entry.Pool.MaxNodes,
        ["mayGrow"] = entry.Pool.MayGrow || entry.Pool.MaxNodes > entry.Pool.Nodes,
        ["free"] = free,
        ["source"] = entry.Source.ToString(),
        ["reason"] = entry.Remark,
        ["pricePerGPUHour"] = entry.Pool.PricePerGpuHour,
        ["nodeSelector"] = new JsonObject(entry.NodeSelector.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))),
    };

    public static JsonObject Of(UnplannedPool pool) => new()
    {
        ["name"] = pool.Name,
        ["resource"] = null,
        ["product"] = null,
        ["memoryGiB"] = null,
        ["gpus"] = 0,
        ["source"] = nameof(MemorySource.Unknown),
        ["reason"] = pool.Reason,
    };

    private static JsonNode? GiB(Estimation.Bytes? memory) => memory is { } bytes ? Math.Round(bytes.GiB, 2) : null;
}
