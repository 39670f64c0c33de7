using GpuMem.Catalogues.Gpus;

namespace GpuMem.Page.Answers;

/// <summary>A GPU of the catalogue, for machines.</summary>
public static class GpuJson
{
    /// <param name="gpu">What is told.</param>
    /// <param name="pricePerHour">Null where nobody said it.</param>
    public static JsonObject Of(GpuModel gpu, decimal? pricePerHour) => new()
    {
        ["name"] = gpu.Name,
        ["aliases"] = new JsonArray([.. gpu.Aliases.Select(alias => (JsonNode)alias)]),
        ["usableBytes"] = gpu.UsableMemory.Value,
        ["sharedWithHostBytes"] = gpu.SharedMemory?.Value,
        ["memoryIsKnown"] = gpu.MemoryIsKnown,
        ["labelMiB"] = gpu.LabelMemoryMiB,
        ["bandwidthGBs"] = gpu.BandwidthGBs,
        ["bf16Teraflops"] = gpu.Bf16Teraflops,
        ["fp16Teraflops"] = gpu.Fp16Teraflops,
        ["fp8Teraflops"] = gpu.Fp8Teraflops,
        ["link"] = gpu.Link,
        ["linkGBs"] = gpu.LinkGBs,
        ["nvLinkDomain"] = gpu.NvLinkDomain,
        ["pricePerHour"] = pricePerHour,
    };
}
