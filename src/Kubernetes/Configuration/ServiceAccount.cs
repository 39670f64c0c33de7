namespace GpuMem.Kubernetes.Configuration;

/// <summary>What the kubelet mounts into a pod so that it can call the API server.</summary>
internal sealed record ServiceAccount(string? Host, string? Port, string Directory, TimeProvider TimeProvider)
{
    internal bool Exists => Host is { Length: > 0 } && Port is { Length: > 0 } && File.Exists(TokenPath);

    private string TokenPath => Path.Combine(Directory, "token");

    internal static ServiceAccount OfThisPod() => new(
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"),
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"),
        "/var/run/secrets/kubernetes.io/serviceaccount",
        TimeProvider.System);

    internal KubernetesClientConfiguration Configure()
    {
        if (!Exists)
        {
            throw new KubernetesConfigurationException(
                $"This is not a pod with a service account: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be set and {TokenPath} must exist.");
        }

        string namespacePath = Path.Combine(Directory, "namespace");
        string host = Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return new KubernetesClientConfiguration
        {
            Host = new Uri($"https://{host}:{Port}"),
            Namespace = File.Exists(namespacePath) ? File.ReadAllText(namespacePath).Trim() : "default",
            SslCaCerts = Pem.Authorities(new PemSource("ca.crt of the service account", Path.Combine(Directory, "ca.crt"), null)),
            Credentials = new TokenFileCredentials(TokenPath, TimeProvider),
        };
    }
}
