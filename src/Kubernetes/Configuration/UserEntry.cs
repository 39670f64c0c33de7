namespace GpuMem.Kubernetes.Configuration;

/// <summary>The part of a kubeconfig that says who we are.</summary>
internal sealed record UserEntry(KubeConfigFile File, string Name, KubeConfigUser User)
{
    private string Where => $"user '{Name}' in {File.Path}";

    internal IClientCredentials Credentials(ClusterEntry cluster, TimeProvider timeProvider)
    {
        PemSource certificate = new($"{Where}: client-certificate", File.Resolve(User.ClientCertificate), User.ClientCertificateData);
        PemSource key = new($"{Where}: client-key", File.Resolve(User.ClientKey), User.ClientKeyData);
        if (certificate.IsGiven != key.IsGiven)
            throw new KubernetesConfigurationException($"{Where} has only one of client-certificate and client-key.");

        if (User.Exec is { } exec)
            return new ExecCredentials(new ExecPlugin(exec, Where, Path.GetDirectoryName(File.Path)!, cluster, timeProvider), timeProvider);
        // As with kubectl the file wins over the token beside it.
        if (File.Resolve(User.TokenFile) is { } tokenFile)
            return new TokenFileCredentials(tokenFile, timeProvider);
        return new StaticCredentials(new ClientCredential
        {
            Token = User.Token,
            Certificate = certificate.IsGiven
                ? Pem.KeyPair($"{Where}: client-certificate with client-key", certificate.Read(), key.Read())
                : null,
        });
    }
}
