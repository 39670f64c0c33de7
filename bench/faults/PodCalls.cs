using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults;

/// <summary>
/// Pods that are created as dry runs, so many a second, in a namespace where the API server admits none that the webhook did not answer for. Each
/// calls it twice, to change and to judge.
/// </summary>
internal sealed partial class PodCalls : IDisposable
{
    private const int Rate = 100;

    private static readonly byte[] Pod = Encoding.UTF8.GetBytes("""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "p-", "labels": {"gpumem.io/training-job": "llama-8b"}},
         "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "8"}}}]}}
        """);

    private readonly RawApi _api;

    private readonly string _path;

    private readonly ConcurrentBag<double> _milliseconds = [];

    private readonly ConcurrentBag<string> _failed = [];

    private readonly double _uncalledBefore;

    private PodCalls(RawApi api, string ns, double uncalledBefore) => (_api, Namespace, _path, _uncalledBefore) = (api, ns, $"/api/v1/namespaces/{ns}/pods?dryRun=All", uncalledBefore);

    public string Namespace { get; }

    public int Sent => _milliseconds.Count + _failed.Count;

    public IReadOnlyCollection<string> Failed => _failed;

    public static async Task<PodCalls> PrepareAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Enforce");
        var job = Manifests.Llama8B();
        await cluster.ControlPlane.ApplyAsync(job[..job.IndexOf("  template:", StringComparison.Ordinal)], "--namespace", ns);
        var api = await RawApi.ConnectAsync(cluster.Administrator);
        return new PodCalls(api, ns, await UncalledAsync(api));
    }

    /// <summary>Sends on a schedule, answered or not, until told to stop, and returns when all are answered.</summary>
    public async Task RunAsync(CancellationToken until)
    {
        List<Task> sent = [];
        var watch = Stopwatch.StartNew();
        while (!until.IsCancellationRequested)
        {
            for (; sent.Count < watch.Elapsed.TotalSeconds * Rate; )
                sent.Add(Task.Run(CreateAsync, CancellationToken.None));
            await Task.Delay(5, CancellationToken.None);
        }
        await Task.WhenAll(sent);
    }

    /// <summary>Calls that the API server gave up, whatever it did about the pod then.</summary>
    public async Task<double> FailedCallsAsync() => await UncalledAsync(_api) - _uncalledBefore;

    /// <summary>The time in milliseconds that this share of the pods did not exceed.</summary>
    public double Percentile(double share) => _milliseconds.Order().ToArray() is { Length: > 0 } taken ? taken[(int)(taken.Length * share)] : 0;

    public async Task<string> SummaryAsync()
    {
        return $"{Sent} pods, {_failed.Count} refused, {await FailedCallsAsync()} calls failed, p99 {Percentile(0.99):0.0} ms, longest {_milliseconds.DefaultIfEmpty().Max():0} ms"
            + (_failed.IsEmpty ? "" : $", such as: {_failed.First()[..Math.Min(300, _failed.First().Length)]}");
    }

    public void Dispose() => _api.Dispose();

    private async Task CreateAsync()
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await _api.CreateAsync(_path, Pod);
            _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (Exception failure) when (failure is InvalidOperationException or HttpRequestException or OperationCanceledException)
        {
            _failed.Add(failure.Message);
        }
    }

    private static async Task<double> UncalledAsync(RawApi api)
    {
        var metrics = Encoding.UTF8.GetString(await api.GetAsync("/metrics"));
        return GivenUp().Matches(metrics).Sum(line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""^apiserver_admission_webhook_(?:fail_open_count|rejection_count\{error_type="calling_webhook_error")[^\n]*gpumem\.io[^\n]* ([0-9.e+]+)$""", RegexOptions.Multiline)]
    private static partial Regex GivenUp();
}
