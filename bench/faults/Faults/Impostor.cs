using GpuMem.TestKit;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class Impostor : IFault
{
    public string Id => "C27";

    public string Expected => "an API server with a certificate of another CA: nothing is asked of it, the reason is said, and it is tried again";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        var honest = await cluster.OperatorKubeconfigAsync();
        var kubeconfig = $"{honest}.impostor";
        var server = $"https://127.0.0.1:{Kubeconfigs.PortOf(honest)}";
        await File.WriteAllTextAsync(kubeconfig, (await File.ReadAllTextAsync(honest)).Replace(server, $"https://127.0.0.1:{proxy.Host.Port}", StringComparison.Ordinal));
        await using var process = InstalledGpuMem.NewOperator(kubeconfig);
        string[] Reasons() => [.. process.Log.Split('\n').Where(line => line.Contains("certificate", StringComparison.OrdinalIgnoreCase))];
        var said = await Cluster.UntilAsync(() => Reasons().Length > 0, TimeSpan.FromSeconds(30));
        await Task.Delay(TimeSpan.FromSeconds(10));
        return new Observation(
            said is not null && proxy.Calls.Count == 0 && !process.HasExited,
            $"{proxy.Calls.Count} calls got through; it {(process.HasExited ? "has ended" : "goes on trying")}; after {said} s it said: {Reasons().FirstOrDefault() ?? "nothing"}");
    }
}
