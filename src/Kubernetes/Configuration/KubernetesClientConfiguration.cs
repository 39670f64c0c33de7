namespace GpuMem.Kubernetes;

/// <summary>Where the API server is, whom to trust there, and who we are.</summary>
public sealed class KubernetesClientConfiguration
{
    public required Uri Host { get; init; }

    /// <summary>The namespace of the context or of our own pod.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Replaces the system's roots when set.</summary>
    public X509Certificate2Collection? SslCaCerts { get; init; }

    public bool SkipTlsVerify { get; init; }

    /// <summary>Name to ask for and to check in the server's certificate, when it is not that of <see cref="Host"/>.</summary>
    public string? TlsServerName { get; init; }

    public Uri? ProxyUrl { get; init; }

    public IClientCredentials Credentials { get; init; } = new StaticCredentials(new ClientCredential());

    /// <summary>Our own pod's service account if there is one, else the kubeconfig.</summary>
    public static KubernetesClientConfiguration BuildDefaultConfig() =>
        ServiceAccount.OfThisPod() is { Exists: true } pod ? pod.Configure() : BuildConfigFromConfigFile();

    /// <summary>From one file, else from those that KUBECONFIG lists, else from <c>~/.kube/config</c>.</summary>
    public static KubernetesClientConfiguration BuildConfigFromConfigFile(string? path = null, string? currentContext = null) =>
        KubeConfigFiles.Load(path).Configure(currentContext);
}
