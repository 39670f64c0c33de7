using System.Net;
using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class ApiServerErrorsAtStart : IFault
{
    public string Id => "C15";

    public string Expected => "started while the API server is slow and answers 500: /healthz 200, /readyz 503, ready 2 s after it recovers";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        proxy.CallDelay = TimeSpan.FromSeconds(1);
        proxy.Fault = _ => InjectedFault.InternalError;
        var kubeconfig = await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync());
        const int Port = 18093;
        await using var process = GpuMemProcess.Start("operator", "--kubeconfig", kubeconfig, "--namespace", InstalledGpuMem.Namespace, "--address", "127.0.0.1", "--health-port", $"{Port}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        await Task.Delay(TimeSpan.FromSeconds(15));
        var (healthy, ready) = (await StatusAsync(http, "/healthz"), await StatusAsync(http, "/readyz"));
        proxy.Fault = null;
        proxy.CallDelay = TimeSpan.Zero;
        var recovered = await Cluster.UntilAsync(async () => await StatusAsync(http, "/readyz") == HttpStatusCode.OK, TimeSpan.FromMinutes(2));
        return new Observation(
            healthy == HttpStatusCode.OK && ready == HttpStatusCode.ServiceUnavailable && recovered <= 2,
            $"/healthz {(int)healthy}, /readyz {(int)ready}, ready {recovered} s after the API server recovered");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
