using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class SwappedFolder : IFault
{
    public string Id => "C22";

    public string Expected => "the mounted certificate is swapped as a kubelet does it: served within 10 s, without a restart and without a failed call";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var folder = Directory.CreateTempSubdirectory("gpumem-bench-").FullName;
        try
        {
            var (certificate, key) = await FromSecretAsync(cluster);
            Mount(folder, "..1", certificate, key);
            await using var replicas = await WebhookReplicas.StartAsync(cluster, 1, "--cert-dir", folder);
            using var calls = await PodCalls.PrepareAsync(cluster);
            using var end = new CancellationTokenSource();
            var load = calls.RunAsync(end.Token);
            var before = await ShortCertificates.CertificateAsync(replicas.Ports[0]);
            // A webhook of our own makes the next certificate, under the same CA.
            await cluster.KubectlAsync("patch", "secret", "gpumem-webhook-certs", "-n", InstalledGpuMem.Namespace, "--type=merge", "--patch={\"data\": {\"tls.key\": null}}");
            await cluster.StartOwnWebhookAsync();
            (certificate, key) = await FromSecretAsync(cluster);
            await cluster.StopWebhookAsync();
            Mount(folder, "..2", certificate, key);
            var served = await Cluster.UntilAsync(async () => await ShortCertificates.CertificateAsync(replicas.Ports[0]) != before, TimeSpan.FromMinutes(1));
            await Task.Delay(TimeSpan.FromSeconds(5));
            await end.CancelAsync();
            await load;
            return new Observation(served <= 10 && calls.Failed.Count == 0 && await calls.FailedCallsAsync() == 0, $"served after {served} s; {await calls.SummaryAsync()}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Certificate, string Key)> FromSecretAsync(Cluster cluster)
    {
        async Task<string> Read(string name) =>
            Encoding.ASCII.GetString(Convert.FromBase64String(await cluster.KubectlAsync("get", "secret", "gpumem-webhook-certs", "-n", InstalledGpuMem.Namespace, "-o", $"jsonpath={{.data.{name.Replace(".", "\\.", StringComparison.Ordinal)}}}")));
        var (certificate, key) = (await Read("tls.crt"), await Read("tls.key"));
        using var pair = X509Certificate2.CreateFromPem(certificate, key);
        return (certificate, key);
    }

    private static void Mount(string folder, string version, string certificate, string key)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, version)).FullName;
        File.WriteAllText(Path.Combine(data, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(data, "tls.key"), key);
        File.Delete(Path.Combine(folder, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), version);
        foreach (var name in new[] { "tls.crt", "tls.key" })
            if (!File.Exists(Path.Combine(folder, name)))
                File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine("..data", name));
    }
}
