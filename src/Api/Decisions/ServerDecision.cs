using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Api.Decisions;

/// <summary>What GpuMem decided about a ModelServer against the pools there are.</summary>
public sealed record ServerDecision : WorkloadDecision
{
    public required ModelServer Server { get; init; }

    public required ServerPlan Plan { get; init; }

    /// <summary>Of its own template as many pods are made as a replica needs.</summary>
    private static GpusTogether OfTemplate => GpusTogether.Unknown with { HasOthers = true };

    public override IPodDescription Description => Server;

    public override Verdict Verdict => Plan.Verdict;

    public override ICandidate? Best => Plan.Best;

    public override Estimate? Estimate => Plan.Estimate;

    public override IReadOnlyList<JobProblem> Problems => Plan.Problems;

    public override string Line => ServerText.Line(Plan);

    public override string Text => ServerText.Full(Plan, Plan.Verdict == Verdict.Fits ? null : $"kubectl describe modelserver/{Server.Name()}");

    public override IEnumerable<string> Fixes => Plan.Suggestions.Select(ServerText.Fix);

    internal override ServerDecision PlacementOnly => this with
    {
        Inventory = new PoolInventory(Entry is { } entry ? [entry] : []),
        Plan = new ServerPlan { Verdict = Plan.Verdict, Candidates = Plan.Best is { } best ? [best] : [] },
    };

    protected override bool IsGuess => Plan.Estimate?.IsGuess == true;

    /// <summary>The decision about the server as a whole, on any pool that it names.</summary>
    public static ServerDecision Of(ModelServer server, PoolInventory inventory, IConfigMapModels configMaps)
    {
        // The template's own node selector and tolerations bind the server as they would bind its pods.
        var template = server.Spec?.Template is { } raw ? PodTemplate.Spec(raw) : null;
        var reach = ReachableGpus.Of(template, server.Namespace(), inventory, server.Spec?.Template is { } written ? PodTemplate.Share(written) : null, claimedToo: server.Spec?.Placement?.Pools is { Count: > 0 });
        return reach.Unknown is { } device ? On(device, server, configMaps) : Of(server, reach.Pools, configMaps, reach.Count ?? server.FixedGpusOfTemplate(), OfTemplate);
    }

    /// <summary>The decision about one pod of the server, on the pools that this pod can reach.</summary>
    /// <param name="share">The part of a GPU that the pod asks for beside its <c>spec</c>; null leaves it to that.</param>
    /// <param name="together">GPUs of all pods of one replica.</param>
    public static ServerDecision Of(ModelServer server, V1PodSpec pod, PoolInventory inventory, IConfigMapModels configMaps, GpuShare? share = null, GpusTogether together = default)
    {
        var reach = ReachableGpus.Of(pod, server.Namespace(), inventory, share);
        if (reach.Unknown is { } device)
            return On(device, server, configMaps);
        var asked = PodGpus.Of(pod).Count;
        return Of(server, reach.Pools, configMaps, reach.Count ?? (asked > 0 ? (int)Math.Min(asked, int.MaxValue) : null), together);
    }

    /// <summary>As <see cref="JobDecision"/> does: held against no pool, and left as it is.</summary>
    private static ServerDecision On(UnknownDevice device, ModelServer server, IConfigMapModels configMaps)
    {
        var request = ModelServerReader.Read(server, configMaps, device.Count, out var problems);
        return Of(server, PoolInventory.Empty, request is null ? null : request with { Pools = [] }, request is null ? [] : [device.AsPool(request.GpusPerPod)], problems);
    }

    private static ServerDecision Of(ModelServer server, PoolInventory inventory, IConfigMapModels configMaps, int? gpusOfPod, GpusTogether together) =>
        Of(server, inventory, ModelServerReader.Read(server, configMaps, gpusOfPod, out var problems, together), inventory.Pools, problems);

    private static ServerDecision Of(ModelServer server, PoolInventory inventory, ServerRequest? request, IReadOnlyList<Pool> pools, IReadOnlyList<JobProblem> problems) => new()
    {
        Server = server,
        Inventory = inventory,
        Plan = request is null ? new ServerPlan { Verdict = Verdict.Invalid, Problems = problems } : ServerPlanner.Plan(request, pools),
    };
}
