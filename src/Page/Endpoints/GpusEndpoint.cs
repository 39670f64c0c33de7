using GpuMem.Catalogues.Gpus;
using GpuMem.Page.Answers;

namespace GpuMem.Page.Endpoints;

/// <summary><c>GET /api/v1/gpus</c>: the GPUs of the catalogue.</summary>
internal static class GpusEndpoint
{
    public static Endpoint Create() => new(
        "GET",
        $"{ApiEndpoints.Root}/gpus",
        "The GPUs of the catalogue, with the memory that a process gets on each",
        Schema.Object(("gpus", Schema.List(Schema.Object(
            ("name", Schema.Text()),
            ("aliases", Schema.List(Schema.Text())),
            ("usableBytes", Schema.Whole("What a process can allocate.")),
            ("sharedWithHostBytes", Schema.OrNull(Schema.Whole("All of a memory that the host shares; null where the GPU has its own."))),
            ("memoryIsKnown", Schema.YesOrNo("False where the size follows from the name alone.")),
            ("labelMiB", Schema.OrNull(Schema.Whole())),
            ("bandwidthGBs", Schema.OrNull(Schema.Number())),
            ("bf16Teraflops", Schema.OrNull(Schema.Number())),
            ("fp16Teraflops", Schema.OrNull(Schema.Number())),
            ("fp8Teraflops", Schema.OrNull(Schema.Number())),
            ("link", Schema.Text()),
            ("linkGBs", Schema.OrNull(Schema.Number())),
            ("nvLinkDomain", Schema.Whole()),
            ("pricePerHour", Schema.OrNull(Schema.Number())))))),
        _ => ValueTask.FromResult<JsonNode>(new JsonObject
        {
            ["gpus"] = new JsonArray([.. GpuCatalogue.All.Select(gpu => (JsonNode)GpuJson.Of(gpu, pricePerHour: null))]),
        }));
}
