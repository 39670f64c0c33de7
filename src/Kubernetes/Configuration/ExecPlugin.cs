using System.ComponentModel;
using System.Diagnostics;

namespace GpuMem.Kubernetes.Configuration;

/// <summary>Runs a credential plugin once. Its output is a secret and appears in no message; its errors go to our own standard error.</summary>
internal static class ExecPlugin
{
    private const string DefaultApiVersion = "client.authentication.k8s.io/v1";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    internal static async Task<ExecCredentialStatus> RunAsync(
        ExecConfig config, string where, string directory, ClusterEntry cluster, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        string name = config.Command is { Length: > 0 } command
            ? command
            : throw new KubernetesConfigurationException($"{where}: exec has no command.");
        using CancellationTokenSource limit = new(TimeLimit, timeProvider);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using Process process = Start(config, name, where, directory, cluster);
        string output;
        try
        {
            output = await process.StandardOutput.ReadToEndAsync(linked.Token);
            await process.WaitForExitAsync(linked.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new KubernetesConfigurationException($"{where}: the credential plugin '{name}' took longer than {TimeLimit.TotalSeconds:0} s.");
        }

        if (process.ExitCode != 0)
            throw new KubernetesConfigurationException($"{where}: the credential plugin '{name}' ended with status {process.ExitCode}.");
        return Parse(output) ?? throw new KubernetesConfigurationException($"{where}: the credential plugin '{name}' did not print an ExecCredential.");
    }

    private static Process Start(ExecConfig config, string name, string where, string directory, ClusterEntry cluster)
    {
        // A path is relative to the kubeconfig; a bare name is looked up in PATH.
        string file = name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetFullPath(name, directory) : name;
        ProcessStartInfo start = new(file) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in config.Args ?? [])
            start.ArgumentList.Add(argument);
        foreach (ExecEnvironment variable in config.Env ?? [])
            start.Environment[variable.Name ?? ""] = variable.Value;
        start.Environment["KUBERNETES_EXEC_INFO"] = ExecInfo(config, cluster);
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception failure) when (failure is Win32Exception or ArgumentException)
        {
            string hint = config.InstallHint is { Length: > 0 } text ? $" {text}" : "";
            throw new KubernetesConfigurationException($"{where}: cannot start the credential plugin '{name}': {failure.Message}.{hint}", failure);
        }
    }

    private static string ExecInfo(ExecConfig config, ClusterEntry entry)
    {
        KubeConfigCluster cluster = entry.Cluster;
        ExecCredentialSpec spec = new();
        if (config.ProvideClusterInfo == true)
        {
            spec.Cluster = new ExecCluster
            {
                Server = cluster.Server,
                TlsServerName = cluster.TlsServerName,
                InsecureSkipTlsVerify = cluster.InsecureSkipTlsVerify,
                CertificateAuthorityData = entry.CertificateAuthority.IsGiven
                    ? Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.CertificateAuthority.Read()))
                    : null,
                ProxyUrl = cluster.ProxyUrl,
            };
        }

        ExecCredential info = new() { ApiVersion = config.ApiVersion ?? DefaultApiVersion, Kind = nameof(ExecCredential), Spec = spec };
        return Encoding.UTF8.GetString(KubernetesJson.Default.Serialize(info));
    }

    private static ExecCredentialStatus? Parse(string output)
    {
        try
        {
            return KubernetesJson.Default.Deserialize<ExecCredential>(Encoding.UTF8.GetBytes(output))?.Status;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
