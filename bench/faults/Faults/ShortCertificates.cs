using System.Net.Security;
using System.Net.Sockets;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class ShortCertificates(int minutes) : IFault
{
    private const int Lifetime = 60;

    public string Id => "C20";

    public string Expected => $"certificates that live {Lifetime} s, for {minutes} min at 100 pods/s: no call fails";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        // One that lives longer would be served on.
        await cluster.StopWebhookAsync();
        await cluster.KubectlAsync("delete", "secret", "gpumem-webhook-certs", "-n", InstalledGpuMem.Namespace);
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 2, "--cert-lifetime", $"{Lifetime}");
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        HashSet<string> served = [];
        var load = calls.RunAsync(end.Token);
        while (!load.IsCompleted)
        {
            served.Add(await CertificateAsync(replicas.Ports[0]));
            await Task.WhenAny(load, Task.Delay(TimeSpan.FromSeconds(5)));
        }
        await load;
        // Of each, two thirds are used.
        return new Observation(
            calls.Failed.Count == 0 && await calls.FailedCallsAsync() == 0 && served.Count >= minutes, $"{await calls.SummaryAsync()}; {served.Count} certificates");
    }

    public static async Task<string> CertificateAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
#pragma warning disable CA5359 // Which one it is, is the question.
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("gpumem-webhook.gpumem-system.svc");
        return tls.RemoteCertificate!.GetCertHashString();
    }
}
