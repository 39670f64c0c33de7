using GpuMem.Kubernetes;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults;

/// <summary>Kubeconfigs that lead through a fault.</summary>
internal static class Kubeconfigs
{
    public static int PortOf(string kubeconfig) => KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig).Host.Port;

    public static async Task<string> ThroughAsync(FaultProxy proxy, string kubeconfig)
    {
        var path = $"{kubeconfig}.{proxy.Port}";
        var text = await File.ReadAllTextAsync(kubeconfig);
        await File.WriteAllTextAsync(path, text.Replace($"https://127.0.0.1:{PortOf(kubeconfig)}", $"https://127.0.0.1:{proxy.Port}", StringComparison.Ordinal));
        return path;
    }

    public static async Task<string> ThroughAsync(HttpFaultProxy proxy, string kubeconfig)
    {
        var path = $"{kubeconfig}.{proxy.Host.Port}";
        await proxy.WriteKubeconfigAsync(path, kubeconfig);
        return path;
    }
}
