using System.Globalization;
using System.Text;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary>Pods that are created through a real API server, which asks the webhook about each, and how long its calls took by its own count.</summary>
/// <param name="api">The API server.</param>
/// <param name="webhook">Where the webhook listens.</param>
/// <param name="ca">PEM of the authority that signed its certificate.</param>
internal sealed class ApiServerCalls(RawApi api, Uri webhook, string ca)
{
    private const string Name = "load.bench.gpumem.io";

    /// <summary>The API server's smallest bucket.</summary>
    public const double BucketMs = 5;

    // Nothing is stored, so that as many can be asked about as wanted.
    private const string Pods = "/api/v1/namespaces/default/pods?dryRun=All";

    private static readonly TimeSpan Registered = TimeSpan.FromSeconds(30);

    /// <summary>The share of calls, in percent, that were answered within <see cref="BucketMs"/>, at a fixed rate; and how many there were.</summary>
    public async Task<(double PercentWithin, long Calls)> MeasureAsync(int rate, TimeSpan duration)
    {
        const string configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        var pod = new Body(Reviews.PodThatFits(3_000));
        await api.CreateAsync(configurations, Encoding.UTF8.GetBytes($$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"{{Name}}"},"webhooks":[{"name":"{{Name}}",
            "clientConfig":{"url":"{{new Uri(webhook, Reviews.Validate)}}","caBundle":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(ca))}}"},
            "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}],"admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail"}]}
            """));
        try
        {
            // An API server takes up to some seconds to hear of it, and opens its connections with the first calls.
            var until = Clock.Now + (long)Registered.TotalNanoseconds;
            while ((await CallsAsync()).All < rate && Clock.Now < until)
                await api.CreateAsync(Pods, pod.Of(0));
            var before = await CallsAsync();
            await SendAsync(pod, rate, (int)(rate * duration.TotalSeconds));
            var after = await CallsAsync();
            var calls = after.All - before.All;
            return (Math.Round(100.0 * (after.Within - before.Within) / calls, 3), calls);
        }
        finally
        {
            await api.DeleteAsync($"{configurations}/{Name}");
        }
    }

    /// <summary>On a schedule that is fixed beforehand, as <see cref="OpenLoop"/> does.</summary>
    private async Task SendAsync(Body pod, int rate, int count)
    {
        var calls = new Task[count];
        var start = Clock.Now;
        await Task.Run(() =>
        {
            for (var number = 0; number < count; number++)
            {
                Clock.SleepUntil(start + number * 1_000_000_000L / rate);
                calls[number] = api.CreateAsync(Pods, pod.Of(number));
            }
        });
        await Task.WhenAll(calls);
    }

    private async Task<(long Within, long All)> CallsAsync()
    {
        var (within, all) = (0L, 0L);
        foreach (var line in Encoding.UTF8.GetString(await api.GetAsync("/metrics")).Split('\n').Where(line => line.Contains($"name=\"{Name}\"", StringComparison.Ordinal)))
        {
            if (line.StartsWith("apiserver_admission_webhook_admission_duration_seconds_count{", StringComparison.Ordinal))
                all += Value(line);
            else if (line.StartsWith("apiserver_admission_webhook_admission_duration_seconds_bucket{", StringComparison.Ordinal) && line.Contains("le=\"0.005\"", StringComparison.Ordinal))
                within += Value(line);
        }
        return (within, all);
    }

    private static long Value(string line) => (long)double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
}
