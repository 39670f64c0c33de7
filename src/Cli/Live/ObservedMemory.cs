using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuMem.Estimation;

namespace GpuMem.Cli.Live;

/// <summary>
/// GPU memory that pods held, as Prometheus heard from NVIDIA's dcgm-exporter and AMD's device-metrics-exporter: what the driver counts, with all that an allocator
/// keeps for later.
/// </summary>
internal sealed partial class ObservedMemory
{
    /// <summary>Both exporters count in MiB.</summary>
    private static readonly string[] Metrics = ["DCGM_FI_DEV_FB_USED", "gpu_used_vram"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string Namespace, string Pod), Bytes> _fullest = [];

    private ObservedMemory(string over) => Over = over;

    /// <summary>The time looked back over, as Prometheus writes it.</summary>
    public string Over { get; }

    /// <summary>Pods that held any.</summary>
    public IEnumerable<(string Namespace, string Pod)> Pods => _fullest.Keys;

    public static Option<Uri?> Prometheus()
    {
        var option = new Option<Uri?>("--prometheus")
        {
            Description = "Prometheus that scrapes dcgm-exporter or AMD's device-metrics-exporter: also show what GPUs held",
            CustomParser = given => Uri.TryCreate(given.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null,
        };
        option.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
                given.AddError($"--prometheus {text}: give a URL such as http://localhost:9090");
        });
        return option;
    }

    public static Option<string> Lookback()
    {
        var option = new Option<string>("--over") { Description = "how far back to look with --prometheus, such as 2h or 7d", DefaultValueFactory = _ => "24h" };
        option.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && !Duration().IsMatch(text))
                given.AddError($"--over {text}: give a duration as Prometheus writes it, such as 2h or 7d");
        });
        return option;
    }

    /// <summary>What the fullest GPU of a pod held at most; null where nobody saw it.</summary>
    public Bytes? FullestGpu(string ns, string pod) => _fullest.TryGetValue((ns, pod), out var most) ? most : null;

    /// <exception cref="UserErrorException">Prometheus cannot be asked, or refuses.</exception>
    public static async Task<ObservedMemory> ReadAsync(Uri prometheus, string over, CancellationToken cancellationToken)
    {
        var observed = new ObservedMemory(over);
        using var http = new HttpClient { Timeout = Patience };
        foreach (var metric in Metrics)
        {
            var url = $"{prometheus.AbsoluteUri.TrimEnd('/')}/api/v1/query?query={Uri.EscapeDataString($"max_over_time({metric}[{over}])")}";
            try
            {
                using var response = await http.GetAsync(url, cancellationToken);
                using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
                observed.Take(answer.RootElement);
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new UserErrorException($"Prometheus at {prometheus} cannot be asked: {failure.Message}; inside a cluster, try kubectl port-forward -n monitoring svc/prometheus-operated 9090");
            }
            catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new UserErrorException($"{prometheus} does not answer as Prometheus does; is its address right, without /api/v1 or /graph?");
            }
        }
        return observed;
    }

    private void Take(JsonElement answer)
    {
        if (answer.GetProperty("status").GetString() != "success")
            throw new UserErrorException($"Prometheus refused to look: {answer.GetProperty("error").GetString()}");
        foreach (var series in answer.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = series.GetProperty("metric");
            // Where Prometheus does not honour the exporter's labels, its own target has these names, and the workload's are renamed.
            if ((Label(labels, "exported_namespace") ?? Label(labels, "namespace")) is not { } ns || (Label(labels, "exported_pod") ?? Label(labels, "pod")) is not { } pod)
                continue;
            if (!double.TryParse(series.GetProperty("value")[1].GetString(), CultureInfo.InvariantCulture, out var mib) || !(mib is >= 0 and < 1e9))
                continue;
            var held = Bytes.FromMiB((long)mib);
            if (!(FullestGpu(ns, pod) >= held))
                _fullest[(ns, pod)] = held;
        }
    }

    private static string? Label(JsonElement labels, string name) => labels.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@"^([0-9]{1,6}(ms|[smhdwy])){1,7}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();
}
