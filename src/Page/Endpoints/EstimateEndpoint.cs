using GpuMem.Api.Nodes;
using GpuMem.Catalogues.Gpus;
using GpuMem.Page.Cluster;
using GpuMem.Page.Server;
using GpuMem.Planning;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Endpoints;

/// <summary><c>POST /api/v1/estimate</c>: what a manifest needs, why, where it fits, and what would make it fit.</summary>
internal sealed class EstimateEndpoint(ClusterReader? cluster)
{
    public Endpoint Create() => new(
        "POST",
        $"{ApiEndpoints.Root}/estimate",
        "What a TrainingJob or ModelServer needs of each GPU, on which GPUs it fits, and which changes would make it fit",
        EstimateSchema.Answer(),
        AnswerAsync)
    {
        Body = Schema.Object(
            ("manifest", ManifestEndpoint.Written()),
            ("gpu?", Schema.Text("Hold it against this GPU of the catalogue; without one, against the smallest that it fits.")),
            ("pools?", Schema.YesOrNo("Hold it against the pools of the cluster, not the catalogue."))),
    };

    private async ValueTask<JsonNode> AnswerAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var gpu = Gpu(body["gpu"]);
        var pools = body["pools"] is JsonValue asked && asked.TryGetValue<bool>(out var yes) && yes ? await PoolsAsync(context.RequestAborted) : null;
        var manifest = WrittenManifest.Read(body["manifest"], out var problems);
        var answer = manifest switch
        {
            { Job: { } job } => JobEstimate.Of(job, gpu, pools),
            { Server: { } server } => ServerEstimate.Of(server, gpu, pools),
            _ => new EstimateAnswer { Verdict = Verdict.Invalid, Message = $"Cannot be read: {problems[0]}", Problems = problems },
        };
        return answer.Json(manifest);
    }

    private static GpuModel? Gpu(JsonNode? name)
    {
        if (name is null)
            return null;
        return name is JsonValue text && text.TryGetValue<string>(out var asked) && GpuCatalogue.TryFind(asked, out var gpu)
            ? gpu
            : throw new RequestException(StatusCodes.Status400BadRequest, $"gpu: '{name}' is {ClosestGpus.Explain(name.ToString(), $"{ApiEndpoints.Root}/gpus")}");
    }

    private async Task<PoolInventory> PoolsAsync(CancellationToken cancellationToken)
    {
        var reading = cluster is null ? ClusterReading.NotGiven : await cluster.ReadAsync(cancellationToken);
        return reading.Pools ?? throw new RequestException(StatusCodes.Status409Conflict, reading.Message);
    }
}
