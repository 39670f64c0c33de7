namespace GpuMem.Kubernetes.Configuration;

/// <summary>The part of a kubeconfig that says where the API server is.</summary>
internal sealed record ClusterEntry(KubeConfigFile File, string Name, KubeConfigCluster Cluster)
{
    private string Where => $"cluster '{Name}' in {File.Path}";

    internal PemSource CertificateAuthority => new(
        $"{Where}: certificate-authority", File.Resolve(Cluster.CertificateAuthority), Cluster.CertificateAuthorityData);

    internal KubernetesClientConfiguration Configure(string? ns, IClientCredentials credentials) => new()
    {
        Host = Address("server", Cluster.Server) ?? throw new KubernetesConfigurationException($"{Where} has no server."),
        Namespace = ns is { Length: > 0 } ? ns : "default",
        SslCaCerts = Cluster.InsecureSkipTlsVerify == true ? null : Pem.Authorities(CertificateAuthority),
        SkipTlsVerify = Cluster.InsecureSkipTlsVerify == true,
        TlsServerName = Cluster.TlsServerName,
        ProxyUrl = Address("proxy-url", Cluster.ProxyUrl),
        Credentials = credentials,
    };

    /// <summary>For a credential plugin: the authority itself, because a path may mean something else to it.</summary>
    internal KubeConfigCluster ForPlugins() => Cluster with
    {
        CertificateAuthority = null,
        CertificateAuthorityData = CertificateAuthority.IsGiven
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(CertificateAuthority.Read()))
            : null,
    };

    // A proxy URL may hold a password, so the value is not shown.
    private Uri? Address(string member, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Host.Length > 0
            ? address
            : throw new KubernetesConfigurationException($"{Where}: {member} is not a URL such as https://host:6443.");
    }
}
