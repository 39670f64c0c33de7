using System.CommandLine;
using System.Diagnostics.Metrics;
using System.Text;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Kubernetes.Metrics;
using GpuMem.Webhook;

namespace GpuMem.Cli.Cluster;

/// <summary><c>gpumem metrics</c>: what operator and webhook measure, as a table.</summary>
internal static class MetricsCommand
{
    private const string Page = """
        # Metrics

        What operator and webhook tell Prometheus at `/metrics` on port 8081. This page is written by `gpumem metrics --page docs/metrics.md`; beside it are .NET's own
        (`dotnet_*`). The chart has a Grafana dashboard of them (`metrics.dashboard.enabled`) and alerts (`metrics.rules.enabled`).

        """;

    public static Command Create()
    {
        var page = new Option<string?>("--page") { Description = "write the page into this Markdown file (default: a table on standard output)" };
        var command = new Command("metrics", "List the metrics of operator and webhook.") { page };
        command.SetAction(result =>
        {
            var instruments = All();
            if (result.GetValue(page) is { } file)
                File.WriteAllText(file, Markdown(instruments));
            else
                TextTable.Write([["NAME", "KIND", "WHAT"], .. instruments.Select(one => new[] { one.Name, Kind(one), one.Description ?? "" })], Console.Out);
            return ExitStatus.Fits;
        });
        return command;
    }

    private static List<Instrument> All()
    {
        SortedDictionary<string, Instrument> found = new(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("GpuMem.", StringComparison.Ordinal))
                    found[instrument.Name] = instrument;
            },
        };
        listener.Start();
        RuntimeMeter.Publish();
        DecisionCache.PublishInstruments();
        WebhookHost.PublishInstruments();
        using var cluster = new ClusterMeter(null, TimeProvider.System);
        return [.. found.Values];
    }

    private static string Markdown(IEnumerable<Instrument> instruments)
    {
        var text = new StringBuilder(Page).Append("| name | kind | what |\n|---|---|---|\n");
        foreach (var one in instruments)
            text.Append($"| `{one.Name}` | {Kind(one)} | {one.Description} |\n");
        return text.ToString();
    }

    /// <summary>As Prometheus calls it.</summary>
    private static string Kind(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        return type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram" : type is "Counter`1" or "ObservableCounter`1" ? "counter" : "gauge";
    }
}
