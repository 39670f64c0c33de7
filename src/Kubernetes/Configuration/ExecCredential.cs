namespace GpuMem.Kubernetes.Configuration;

/// <summary>What a credential plugin is told, and what it answers (client.authentication.k8s.io).</summary>
internal sealed record ExecCredential(
    string? ApiVersion, string? Kind, ExecCredentialSpec? Spec = null, ExecCredentialStatus? Status = null);

internal sealed record ExecCredentialSpec(bool Interactive, KubeConfigCluster? Cluster);

internal sealed record ExecCredentialStatus(
    DateTimeOffset? ExpirationTimestamp, string? Token, string? ClientCertificateData, string? ClientKeyData)
    : Confidential;
