namespace GpuMem.Kubernetes.Configuration;

/// <summary>The file that kubectl reads.</summary>
internal sealed record KubeConfig(
    [property: JsonPropertyName("current-context")] string? CurrentContext = null,
    List<NamedCluster>? Clusters = null,
    List<NamedContext>? Contexts = null,
    List<NamedUser>? Users = null);

/// <summary>An entry of a kubeconfig, which others refer to by its name.</summary>
internal interface INamed
{
    string? Name { get; }
}

internal sealed record NamedCluster(string? Name, KubeConfigCluster? Cluster) : INamed;

internal sealed record NamedContext(string? Name, KubeConfigContext? Context) : INamed;

internal sealed record NamedUser(string? Name, KubeConfigUser? User) : INamed;

internal sealed record KubeConfigContext(string? Cluster, string? User, string? Namespace);

/// <summary>Where the API server is; also as a credential plugin is told.</summary>
internal sealed record KubeConfigCluster(
    string? Server = null,
    [property: JsonPropertyName("certificate-authority")] string? CertificateAuthority = null,
    [property: JsonPropertyName("certificate-authority-data")] string? CertificateAuthorityData = null,
    [property: JsonPropertyName("insecure-skip-tls-verify")] bool? InsecureSkipTlsVerify = null,
    [property: JsonPropertyName("tls-server-name")] string? TlsServerName = null,
    [property: JsonPropertyName("proxy-url")] string? ProxyUrl = null)
    : Confidential;

internal sealed record KubeConfigUser(
    string? Token = null,
    string? TokenFile = null,
    [property: JsonPropertyName("client-certificate")] string? ClientCertificate = null,
    [property: JsonPropertyName("client-certificate-data")] string? ClientCertificateData = null,
    [property: JsonPropertyName("client-key")] string? ClientKey = null,
    [property: JsonPropertyName("client-key-data")] string? ClientKeyData = null,
    ExecConfig? Exec = null)
    : Confidential;

/// <summary>A program that gives credentials.</summary>
internal sealed record ExecConfig(
    string? ApiVersion, string? Command, List<string>? Args, List<ExecEnvironment>? Env, string? InstallHint, bool? ProvideClusterInfo)
    : Confidential;

internal sealed record ExecEnvironment(string? Name, string? Value) : Confidential;
