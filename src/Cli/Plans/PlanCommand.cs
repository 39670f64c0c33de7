using System.CommandLine;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Cluster;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Pools;
using GpuMem.Planning;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Plans;

/// <summary>
/// <c>gpumem plan</c>: where a job or a server would run, on how many GPUs and with which of the sizes that were left open; against pools, or
/// against every GPU that is built in.
/// </summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var flags = new JobFlags();
        var nodes = new Option<string[]>("--nodes", "--pools") { Description = "manifests of nodes, ResourceSlices and GpuPools: kubectl get nodes -o yaml (default: every GPU that is built in)", DefaultValueFactory = _ => [] };
        var cluster = new ClusterOptions();
        var watch = Watching.Option();
        var format = OutputFormat.OptionWithNames("of the pools on which it fits, the best first");
        var command = new Command("plan", "Choose pool, GPU count and layout for a TrainingJob or ModelServer, and say how every other pool compares.")
        {
            nodes, watch, cluster.Kubeconfig, cluster.Context, format,
        };
        flags.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var manifests = flags.File(result, workloads: false);
            if (result.GetValue(watch) && (result.GetValue(nodes)!.Length > 0 || (result.GetValue(cluster.Context) is null && result.GetValue(cluster.Kubeconfig) is null)))
                throw new UserErrorException("only a cluster changes by itself: give --context or --kubeconfig with --watch, and no --nodes");
            return await Watching.RunAsync(
                result.GetValue(watch),
                result.GetValue(format)!,
                async () =>
                {
                    var answer = Answer(result, flags, manifests, await SourcesAsync(result, result.GetValue(nodes)!, manifests, cluster, cancellationToken));
                    PlanReport.Write(answer, result.GetValue(format)!);
                    return answer.Verdict switch
                    {
                        Verdict.Invalid => throw new UserErrorException(string.Join("\ngpumem: ", answer.Problems)),
                        var verdict => verdict.Rejects() ? ExitStatus.DoesNotFit : ExitStatus.Fits,
                    };
                },
                cancellationToken);
        });
        return command;
    }

    private static PlanAnswer Answer(ParseResult result, JobFlags flags, Manifests? manifests, PoolSources? sources)
    {
        if (sources is null)
            return Answer(result, flags, manifests, inventory: null);
        var inventory = sources.Inventory;
        return Answer(result, flags, manifests, new FreeGpus(sources.Pods).Told(inventory)) with { Remarks = PoolRemarks.Of(inventory, sources.Declared) };
    }

    private static PlanAnswer Answer(ParseResult result, JobFlags flags, Manifests? manifests, PoolInventory? inventory)
    {
        if (manifests is { Jobs: [], Servers: [var server] })
            return flags.FirstGiven(result) is { } flag
                ? throw new UserErrorException($"{flag} is of a TrainingJob, and the file has a ModelServer: change the file")
                : OfServer(server, inventory);
        return OfJob(flags.Read(result, manifests, leavesData: true), inventory);
    }

    private static PlanAnswer OfJob(TrainingJob job, PoolInventory? inventory)
    {
        if (inventory is not null)
            return PlanAnswer.Of(JobDecision.Of(job, inventory, NoConfigMaps.Instance).Plan, isAnywhere: false);
        var request = TrainingJobReader.Read(job, NoConfigMaps.Instance, job.FixedGpusOfTemplate(), out var problems) ?? throw Invalid(problems);
        return PlanAnswer.Of(Planner.Anywhere(request), isAnywhere: true);
    }

    private static PlanAnswer OfServer(ModelServer server, PoolInventory? inventory)
    {
        if (inventory is not null)
            return PlanAnswer.Of(ServerDecision.Of(server, inventory, NoConfigMaps.Instance).Plan, isAnywhere: false);
        var request = ModelServerReader.Read(server, NoConfigMaps.Instance, gpusOfPod: null, out var problems) ?? throw Invalid(problems);
        return PlanAnswer.Of(Planning.Serving.ServerPlanner.Anywhere(request), isAnywhere: true);
    }

    /// <summary>Null where no pools are given.</summary>
    private static async Task<PoolSources?> SourcesAsync(ParseResult result, string[] files, Manifests? manifests, ClusterOptions cluster, CancellationToken cancellationToken)
    {
        if (files.Length > 0)
            return PoolFiles.Read(files);
        if (manifests is { Nodes: [_, ..] } or { Pools: [_, ..] } or { Slices: [_, ..] })
            return PoolFiles.Of(manifests);
        if (result.GetValue(cluster.Context) is null && result.GetValue(cluster.Kubeconfig) is null)
            return null;
        using var client = ClusterOptions.Client(cluster.Configuration(result), NullLoggerFactory.Instance);
        return await PoolSources.OfAsync(client, cancellationToken);
    }

    private static UserErrorException Invalid(IReadOnlyList<Estimation.Jobs.JobProblem> problems) => new(string.Join("\ngpumem: ", problems));
}
