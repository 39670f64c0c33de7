using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Page.Answers;
using GpuMem.Page.Cluster;
using GpuMem.Planning;
using k8s;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Endpoints;

/// <summary><c>GET /api/v1/cluster</c>: the pools of the cluster, its jobs and servers with the verdict on each, or why they are not shown.</summary>
internal sealed class ClusterEndpoint(ClusterReader? cluster)
{
    public Endpoint Create() => new(
        "GET",
        $"{ApiEndpoints.Root}/cluster",
        "Pools, TrainingJobs and ModelServers of the cluster that gpumem ui was started for, or why there are none",
        Schema.Object(
            ("state", Schema.Name<ClusterState>()),
            ("message", Schema.Text("The state in words, and what to do.")),
            ("pools", Schema.List(Pool())),
            ("remarks", Schema.List(Schema.Text("What somebody should correct."))),
            ("workloads", Schema.List(Workload()))),
        AnswerAsync);

    private static JsonObject Pool() => Schema.Object(
        ("name", Schema.Text()),
        ("resource", Schema.Text()),
        ("product", Schema.Text()),
        ("memoryGiB", Schema.OrNull(Schema.Number())),
        ("largestMemoryGiB", Schema.OrNull(Schema.Number())),
        ("gpus", Schema.Whole()),
        ("gpusPerNode", Schema.Whole()),
        ("nodes", Schema.Whole()),
        ("maxNodes", Schema.OrNull(Schema.Whole())),
        ("mayGrow", Schema.YesOrNo()),
        ("free", Schema.OrNull(Schema.Whole("GPUs that no pod holds; null where that cannot be seen."))),
        ("source", Schema.Text("Who says how much memory they have.")),
        ("reason", Schema.OrNull(Schema.Text())),
        ("pricePerGPUHour", Schema.OrNull(Schema.Number())),
        ("nodeSelector", Schema.Map(Schema.Text())));

    private static JsonObject Workload() => Schema.Object(
        ("kind", Schema.Text("TrainingJob or ModelServer.")),
        ("namespace", Schema.Text()),
        ("name", Schema.Text()),
        ("verdict", Schema.Name<Verdict>()),
        ("message", Schema.Text("The verdict in words.")),
        ("manifest", Schema.Anything("What it says, without its pod template.")));

    private async ValueTask<JsonNode> AnswerAsync(HttpContext context)
    {
        var reading = cluster is null ? ClusterReading.NotGiven : await cluster.ReadAsync(context.RequestAborted);
        return new JsonObject
        {
            ["state"] = reading.State.ToString(),
            ["message"] = reading.Message,
            ["pools"] = new JsonArray([.. reading.Pools?.Entries.Select(entry => (JsonNode)PoolJson.Of(entry, reading.Free.In(entry))) ?? []]),
            ["remarks"] = new JsonArray([.. reading.Remarks.Select(remark => (JsonNode)remark)]),
            ["workloads"] = new JsonArray([.. reading.Pools is { } pools ? Workloads(reading, pools) : Array.Empty<JsonObject>()]),
        };
    }

    private static IEnumerable<JsonObject> Workloads(ClusterReading reading, PoolInventory pools) =>
    [
        .. reading.Jobs.Select(job => Workload(job, nameof(TrainingJob), JobDecision.Of(job, pools, NoConfigMaps.Instance))),
        .. reading.Servers.Select(server => Workload(server, nameof(ModelServer), ServerDecision.Of(server, pools, NoConfigMaps.Instance))),
    ];

    private static JsonObject Workload<T>(T workload, string kind, WorkloadDecision decision)
        where T : IKubernetesObject<V1ObjectMeta> => new JsonObject
        {
            ["kind"] = kind,
            ["namespace"] = workload.Namespace(),
            ["name"] = workload.Name(),
            ["verdict"] = decision.Verdict.ToString(),
            ["message"] = decision.Line,
            ["manifest"] = Manifest(workload, kind),
        };

    private static JsonObject Manifest<T>(T workload, string kind)
    {
        var written = JsonNode.Parse(ApiJson.Default.Serialize(workload))!.AsObject();
        written["kind"] = kind;
        (written["spec"] as JsonObject)?.Remove("template");
        return WrittenManifest.Read(written, out _)?.Json ?? written;
    }
}
