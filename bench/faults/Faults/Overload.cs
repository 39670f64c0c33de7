using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class Overload : IFault
{
    private const int Callers = 512;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    private static readonly byte[] Denied = Encoding.UTF8.GetBytes("""
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "CREATE", "namespace": "NAMESPACE", "kind": {"group": "", "version": "v1", "kind": "Pod"},
         "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"gpumem.io/training-job": "llama-8b"}},
           "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "NUMBER"}}}]}}}}
        """);

    public string Id => "C10";

    public string Expected => $"{Callers} callers without a pause for {Length.TotalSeconds} s, no two with the same question: every answer is a review within its time limit, memory at most doubles, and 5 s later answers take less than 100 ms";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Callers };
#pragma warning disable CA5359 // Its certificate is another fault's matter.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{replicas.Ports[0]}") };
        var usage = new Usage(replicas.Processes[0].Id);
        var body = Encoding.UTF8.GetString(Denied).Replace("NAMESPACE", calls.Namespace, StringComparison.Ordinal);
        await AskAsync(http, body, 1);
        var (idle, most, answers, passed, number) = (usage.ResidentMiB, 0.0, 0, 0, 1);
        var (longest, gate) = (0.0, new Lock());
        List<string> wrong = [];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            // The first one opens the connection, which takes this process as long as the webhook.
            await AskAsync(http, body, Interlocked.Increment(ref number));
            while (watch.Elapsed < Length)
            {
                var (problem, unchecked429, milliseconds) = await AskAsync(http, body, Interlocked.Increment(ref number));
                lock (gate)
                {
                    (answers, passed, longest) = (answers + 1, passed + (unchecked429 ? 1 : 0), Math.Max(longest, milliseconds));
                    if (problem is not null)
                        wrong.Add(problem);
                    if (answers % 500 == 0)
                        most = Math.Max(most, usage.ResidentMiB);
                }
            }
        }));
        await Task.Delay(TimeSpan.FromSeconds(5));
        var after = new List<double>();
        for (var i = 0; i < 100; i++)
            after.Add((await AskAsync(http, body, Interlocked.Increment(ref number))).Milliseconds);
        return new Observation(
            wrong.Count == 0 && longest < 3_000 && most <= 2 * idle && after.Order().ElementAt(98) < 100,
            string.Create(CultureInfo.InvariantCulture, $"{answers} answers, {passed} of them unchecked, {wrong.Count} wrong{(wrong.Count == 0 ? "" : $" ({wrong[0]})")}, the longest {longest:0} ms (with the callers on the same cores); {idle:0} MiB before, {most:0} at most; p99 {after.Order().ElementAt(98):0.0} ms afterwards"));
    }

    private static async Task<(string? Problem, bool Unchecked, double Milliseconds)> AskAsync(HttpClient http, string body, int number)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var content = new StringContent(body.Replace("NUMBER", $"{number}", StringComparison.Ordinal), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri("/validate-pod?timeout=3s", UriKind.Relative), content);
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var response = answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonObject>())!["response"] : null;
            return (response?["allowed"] is null ? $"HTTP {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}" : null, (int?)response?["status"]?["code"] == 429, milliseconds);
        }
        catch (HttpRequestException refused) when (refused.InnerException is System.Net.Sockets.SocketException)
        {
            return (null, false, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (HttpRequestException broken)
        {
            return (broken.Message, false, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }
}
