using System.CommandLine;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;
using GpuMem.Cli.Cluster;
using GpuMem.Page.Answers;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Pools;

/// <summary><c>gpumem pools</c>: the GPUs of a cluster, or of files, and how much memory a process gets on one.</summary>
internal static class PoolsCommand
{
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "manifests of nodes, ResourceSlices, GpuPools and, to see what is free, pods; - is standard input", DefaultValueFactory = _ => [] };
        var nodes = new Option<string[]>("--nodes") { Description = "the same as -f: kubectl get nodes -o yaml", DefaultValueFactory = _ => [] };
        var cluster = new ClusterOptions();
        var watch = Watching.Option();
        var format = OutputFormat.OptionWithNames("of the pools");
        var command = new Command("pools", "Show the pools of GPUs of a cluster or of files: what they are, how much memory a process gets, and who says so.")
        {
            files, nodes, watch, cluster.Kubeconfig, cluster.Context, format,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            string[] given = [.. result.GetValue(files)!, .. result.GetValue(nodes)!];
            if (given.Length > 0 && result.GetValue(watch))
                throw new UserErrorException("files do not change by themselves: --watch is for a cluster");
            return await Watching.RunAsync(
                result.GetValue(watch),
                result.GetValue(format)!,
                async () =>
                {
                    var sources = given.Length > 0 ? OfFiles(given, result, cluster) : await OfClusterAsync(result, cluster, cancellationToken);
                    var inventory = sources.Inventory;
                    Write(inventory, UnplannedPool.Of(sources.Declared, inventory), new FreeGpus(sources.Pods), result.GetValue(format)!);
                    return ExitStatus.Fits;
                },
                cancellationToken);
        });
        return command;
    }

    private static PoolSources OfFiles(string[] files, ParseResult result, ClusterOptions cluster)
    {
        if (result.GetValue(cluster.Context) is not null || result.GetValue(cluster.Kubeconfig) is not null)
            throw new UserErrorException("give either files (-f, --nodes) or a cluster (--context, --kubeconfig)");
        return PoolFiles.Read(files);
    }

    private static async Task<PoolSources> OfClusterAsync(ParseResult result, ClusterOptions cluster, CancellationToken cancellationToken)
    {
        using var client = ClusterOptions.Client(cluster.Configuration(result), NullLoggerFactory.Instance);
        return await PoolSources.OfAsync(client, cancellationToken);
    }

    private static void Write(PoolInventory inventory, IReadOnlyList<UnplannedPool> unplanned, FreeGpus free, string format)
    {
        if (format is "json" or "yaml")
        {
            OutputFormat.Write(
                new JsonArray([.. inventory.Entries.Select(entry => (JsonNode)PoolJson.Of(entry, free.In(entry))), .. unplanned.Select(pool => (JsonNode)PoolJson.Of(pool))]), format, Console.Out);
            return;
        }
        if (format == "name")
        {
            foreach (var entry in inventory.Entries)
                Console.Out.WriteLine(entry.Pool.Name);
            return;
        }
        if (inventory.Entries.Count > 0)
            PoolTable.Write(inventory.Entries, free, isWide: format == "wide", Console.Out);
        else
            Console.Out.WriteLine("No node offers a GPU that is known, and no GpuPool says enough to plan for one (spec.product and spec.gpusPerNode).");
        foreach (var pool in unplanned)
            Console.Out.WriteLine($"GpuPool {pool.Name}: {pool.Reason}");
    }
}
