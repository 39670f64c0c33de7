using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Cluster;
using GpuMem.Estimation;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Live;

/// <summary><c>gpumem top</c>: jobs and servers of a cluster by the memory that they need, or that they take and do not need.</summary>
internal static class TopCommand
{
    private static readonly string[] Columns = ["NAMESPACE", "NAME", "GPUS", "POOL", "NEEDED", "TAKEN", "UNUSED", "VERDICT", "PHASE"];

    private const string Observed = "OBSERVED";

    private static readonly string[] WideColumns = ["MODEL", "PER GPU", "UP TO", "CONFIDENCE"];

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var ns = new Option<string?>("--namespace", "-n") { Description = "only those of this namespace (default: of all)" };
        var sort = new Option<string>("--sort") { Description = "need or waste, the largest first", DefaultValueFactory = _ => "need" };
        sort.AcceptOnlyFromAmong("need", "waste");
        var watch = Watching.Option();
        var (prometheus, over) = (ObservedMemory.Prometheus(), ObservedMemory.Lookback());
        var format = OutputFormat.OptionWithNames("of the jobs and servers, as kubectl takes them");
        var command = new Command("top", "Show the jobs and servers of a cluster by the GPU memory that they need, or take and do not need.") { ns, sort, prometheus, over, watch, format, cluster.Kubeconfig, cluster.Context };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = ClusterOptions.Client(cluster.Configuration(result), NullLoggerFactory.Instance);
            return await Watching.RunAsync(
                result.GetValue(watch),
                result.GetValue(format)!,
                async () =>
                {
                    var seen = result.GetValue(prometheus) is { } url ? await ObservedMemory.ReadAsync(url, result.GetValue(over)!, cancellationToken) : null;
                    Write(await RowsAsync(client, result.GetValue(ns), result.GetValue(sort)!, seen, cancellationToken), result.GetValue(format)!, withObserved: seen is not null);
                    return ExitStatus.Fits;
                },
                cancellationToken);
        });
        return command;
    }

    private static async Task<IReadOnlyList<Row>> RowsAsync(IKubernetesClient client, string? ns, string sort, ObservedMemory? seen, CancellationToken cancellationToken)
    {
        var live = new LiveCluster(client);
        var (jobs, servers) = (await live.ListAsync<TrainingJob>(ns, cancellationToken), await live.ListAsync<ModelServer>(ns, cancellationToken));
        var use = seen is null ? ObservedUse.None : await ObservedUse.ReadAsync(seen, client, ns, new FixedCluster(PoolInventory.Empty, jobs, servers), cancellationToken);
        var rows = jobs.Select(job => Row.Of("trainingjob", job.Metadata, job.Status?.Model?.Name, job.Status?.Estimate, job.Status?.Plan, $"{job.Status?.Verdict}", $"{job.Status?.Phase}") with { ObservedPerGpu = use.FullestGpu(job) })
            .Concat(servers.Select(server => Row.Of("modelserver", server.Metadata, server.Status?.Model?.Name, server.Status?.Estimate, server.Status?.Plan, $"{server.Status?.Verdict}", $"{server.Status?.Phase}") with { ObservedPerGpu = use.FullestGpu(server) }));
        return [.. rows.OrderByDescending(row => (sort == "waste" ? row.Unused : row.Needed)?.Value ?? -1).ThenBy(row => row.Namespace, StringComparer.Ordinal).ThenBy(row => row.Name, StringComparer.Ordinal)];
    }

    private static void Write(IReadOnlyList<Row> rows, string format, bool withObserved)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(new JsonArray([.. rows.Select(row => (JsonNode)row.Json())]), format, Console.Out);
        else if (format == "name")
            foreach (var row in rows)
                Console.Out.WriteLine(row.Name);
        else if (rows.Count == 0)
            Console.Out.WriteLine("No TrainingJob and no ModelServer.");
        else
            TextTable.Write([Line(Columns, [Observed], WideColumns), .. rows.Select(row => Line(row.Cells(), [row.ObservedCell], row.WideCells()))], Console.Out);

        string[] Line(string[] always, string[] observed, string[] wide) => [.. always, .. withObserved ? observed : [], .. format == "wide" ? wide : []];
    }

    /// <summary>One job or server; sizes are of all its GPUs together.</summary>
    private sealed record Row(string Namespace, string Name, long? Gpus, string? Pool, Bytes? Needed, Bytes? Taken, string Verdict, string Phase)
    {
        public string? Model { get; private init; }

        /// <summary>Of one GPU.</summary>
        public EstimateStatus? Estimate { get; private init; }

        /// <summary>What its fullest GPU held at most; null where nobody saw it.</summary>
        public Bytes? ObservedPerGpu { get; init; }

        /// <summary>The same for every GPU, as what is needed is counted.</summary>
        private Bytes? Observed => ObservedPerGpu is { } held && Gpus is { } gpus ? new Bytes(held.Value * gpus) : null;

        /// <summary>Taken, and neither expected to be needed nor seen in use; nothing where it would not fit.</summary>
        public Bytes? Unused => Taken is { } taken && Needed is { } needed && Bytes.Max(needed, Observed ?? needed) is var used && taken > used ? taken - used : null;

        public static Row Of(string kind, V1ObjectMeta metadata, string? model, EstimateStatus? estimate, PlanStatus? plan, string verdict, string phase) => new(
            metadata.NamespaceProperty ?? "", $"{kind}/{metadata.Name}", plan?.Gpus, plan?.Pool, Times(estimate?.PerGPU, plan?.Gpus), Times(plan?.Capacity, plan?.Gpus), verdict, phase)
        {
            Model = model,
            Estimate = estimate,
        };

        public string[] Cells() =>
            [Namespace, Name, Gpus is { } gpus ? gpus.ToString(CultureInfo.InvariantCulture) : "-", Pool ?? "-", Text(Needed), Text(Taken), Share(), Or(Verdict), Or(Phase)];

        public string ObservedCell => Text(Observed);

        public string[] WideCells() => [Or($"{Model}"), Or($"{Estimate?.PerGPU}"), Or($"{Estimate?.UpperBound}"), Or($"{Estimate?.Confidence}")];

        public JsonObject Json() => new()
        {
            ["namespace"] = Namespace, ["name"] = Name, ["model"] = Model, ["gpus"] = Gpus, ["pool"] = Pool, ["neededBytes"] = Needed?.Value, ["takenBytes"] = Taken?.Value, ["observedBytes"] = Observed?.Value, ["observedBytesPerGpu"] = ObservedPerGpu?.Value, ["unusedBytes"] = Unused?.Value, ["verdict"] = Verdict, ["phase"] = Phase, ["confidence"] = Estimate?.Confidence?.ToString(),
        };

        private string Share() => Unused is { } unused && Taken is { } taken ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * unused.Value / taken.Value:0} %") : "-";

        private static string Text(Bytes? size) => size is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.GiB:0.0} GiB") : "-";

        private static string Or(string text) => text.Length == 0 ? "-" : text;

        private static Bytes? Times(string? each, long? count) => count is { } gpus && Quantity.TryParse(each, out var size) ? new Bytes(size.ToInt64() * gpus) : null;
    }
}
