using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Cli.Cluster;
using GpuMem.Estimation;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Cli.Live;

/// <summary><c>gpumem top</c>: jobs and servers of a cluster by the memory that they need, or that they take and do not need.</summary>
internal static class TopCommand
{
    private static readonly string[] Columns = ["NAMESPACE", "NAME", "GPUS", "POOL", "NEEDED", "TAKEN", "UNUSED", "VERDICT", "PHASE"];

    private static readonly string[] WideColumns = ["MODEL", "PER GPU", "UP TO", "CONFIDENCE"];

    public static Command Create()
    {
        var cluster = new ClusterOptions();
        var ns = new Option<string?>("--namespace", "-n") { Description = "only those of this namespace (default: of all)" };
        var sort = new Option<string>("--sort") { Description = "need or waste, the largest first", DefaultValueFactory = _ => "need" };
        sort.AcceptOnlyFromAmong("need", "waste");
        var watch = Watching.Option();
        var format = OutputFormat.OptionWithNames("of the jobs and servers, as kubectl takes them");
        var command = new Command("top", "Show the jobs and servers of a cluster by the GPU memory that they need, or take and do not need.") { ns, sort, watch, format, cluster.Kubeconfig, cluster.Context };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = ClusterOptions.Client(cluster.Configuration(result), NullLoggerFactory.Instance);
            var live = new LiveCluster(client);
            return await Watching.RunAsync(
                result.GetValue(watch),
                result.GetValue(format)!,
                async () =>
                {
                    Write(await RowsAsync(live, result.GetValue(ns), result.GetValue(sort)!, cancellationToken), result.GetValue(format)!);
                    return ExitStatus.Fits;
                },
                cancellationToken);
        });
        return command;
    }

    private static async Task<IReadOnlyList<Row>> RowsAsync(LiveCluster live, string? ns, string sort, CancellationToken cancellationToken)
    {
        var jobs = (await live.ListAsync<TrainingJob>(ns, cancellationToken)).Select(job => Row.Of("trainingjob", job.Metadata, job.Status?.Model?.Name, job.Status?.Estimate, job.Status?.Plan, $"{job.Status?.Verdict}", $"{job.Status?.Phase}"));
        var servers = (await live.ListAsync<ModelServer>(ns, cancellationToken)).Select(server => Row.Of("modelserver", server.Metadata, server.Status?.Model?.Name, server.Status?.Estimate, server.Status?.Plan, $"{server.Status?.Verdict}", $"{server.Status?.Phase}"));
        return [.. jobs.Concat(servers).OrderByDescending(row => (sort == "waste" ? row.Unused : row.Needed)?.Value ?? -1).ThenBy(row => row.Namespace, StringComparer.Ordinal).ThenBy(row => row.Name, StringComparer.Ordinal)];
    }

    private static void Write(IReadOnlyList<Row> rows, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(new JsonArray([.. rows.Select(row => (JsonNode)row.Json())]), format, Console.Out);
        else if (format == "name")
            foreach (var row in rows)
                Console.Out.WriteLine(row.Name);
        else if (rows.Count == 0)
            Console.Out.WriteLine("No TrainingJob and no ModelServer.");
        else
            TextTable.Write([[.. Columns, .. format == "wide" ? WideColumns : []], .. rows.Select(row => (string[])[.. row.Cells(), .. format == "wide" ? row.WideCells() : []])], Console.Out);
    }

    /// <summary>One job or server; sizes are of all its GPUs together.</summary>
    private sealed record Row(string Namespace, string Name, long? Gpus, string? Pool, Bytes? Needed, Bytes? Taken, string Verdict, string Phase)
    {
        public string? Model { get; private init; }

        /// <summary>Of one GPU.</summary>
        public EstimateStatus? Estimate { get; private init; }

        /// <summary>Taken and not expected to be needed; nothing where it would not fit.</summary>
        public Bytes? Unused => Taken is { } taken && Needed is { } needed && taken > needed ? taken - needed : null;

        public static Row Of(string kind, V1ObjectMeta metadata, string? model, EstimateStatus? estimate, PlanStatus? plan, string verdict, string phase) => new(
            metadata.NamespaceProperty ?? "", $"{kind}/{metadata.Name}", plan?.Gpus, plan?.Pool, Times(estimate?.PerGPU, plan?.Gpus), Times(plan?.Capacity, plan?.Gpus), verdict, phase)
        {
            Model = model,
            Estimate = estimate,
        };

        public string[] Cells() =>
            [Namespace, Name, Gpus is { } gpus ? gpus.ToString(CultureInfo.InvariantCulture) : "-", Pool ?? "-", Text(Needed), Text(Taken), Share(), Or(Verdict), Or(Phase)];

        public string[] WideCells() => [Or($"{Model}"), Or($"{Estimate?.PerGPU}"), Or($"{Estimate?.UpperBound}"), Or($"{Estimate?.Confidence}")];

        public JsonObject Json() => new()
        {
            ["namespace"] = Namespace, ["name"] = Name, ["model"] = Model, ["gpus"] = Gpus, ["pool"] = Pool, ["neededBytes"] = Needed?.Value, ["takenBytes"] = Taken?.Value, ["unusedBytes"] = Unused?.Value, ["verdict"] = Verdict, ["phase"] = Phase, ["confidence"] = Estimate?.Confidence?.ToString(),
        };

        private string Share() => Unused is { } unused && Taken is { } taken ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * unused.Value / taken.Value:0} %") : "-";

        private static string Text(Bytes? size) => size is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.GiB:0.0} GiB") : "-";

        private static string Or(string text) => text.Length == 0 ? "-" : text;

        private static Bytes? Times(string? each, long? count) => count is { } gpus && Quantity.TryParse(each, out var size) ? new Bytes(size.ToInt64() * gpus) : null;
    }
}
