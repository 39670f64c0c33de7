using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class ManyReviews : IFault
{
    private const int Reviews = 10_000;

    private const string Pod = """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "CREATE", "namespace": "default",
         "kind": {"group": "", "version": "v1", "kind": "Pod"}, "resource": {"group": "", "version": "v1", "resource": "pods"}, "userInfo": {"username": "somebody"},
         "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default", "labels": {"gpumem.io/training-job": "absent"}},
           "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}}}}
        """;

    public string Id => "C14";

    public string Expected => $"{Reviews} pod reviews cause no request to the API server";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        var kubeconfig = await Kubeconfigs.ThroughAsync(proxy, await cluster.ControlPlane.KubeconfigForAsync(InstalledGpuMem.Namespace, "gpumem-webhook"));
        const int Port = 18094;
        await using var process = GpuMemProcess.Start(
            "webhook", "--kubeconfig", kubeconfig, "--namespace", InstalledGpuMem.Namespace, "--address", "127.0.0.1", "--port", $"{Port}", "--health-port", "18095", "--shutdown-delay", "0");
        await process.HasLoggedAsync("Ready on port");
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{Port}") };
        // What it does once it is ready, beside answering, is over soon.
        await Task.Delay(TimeSpan.FromSeconds(5));

        var before = proxy.Calls.Count;
        var answered = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, Reviews), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, token) =>
        {
            using var content = new StringContent(Pod, System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(index % 2 == 0 ? "/mutate-pod" : "/validate-pod", UriKind.Relative), content, token);
            var review = await answer.Content.ReadFromJsonAsync<JsonObject>(token);
            if (review?["response"]?["allowed"] is not null)
                Interlocked.Increment(ref answered);
        });
        // A watch that ends by its own timeout and is opened again is not caused by a review.
        var caused = proxy.Calls.Skip(before).Where(call => !call.IsWatch).ToArray();
        return new Observation(
            caused.Length == 0 && answered == Reviews,
            $"{answered} reviews answered, {caused.Length} requests{(caused.Length == 0 ? "" : $", such as {caused[0].Method} {caused[0].Path}")}");
    }
}
