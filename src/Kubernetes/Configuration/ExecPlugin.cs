using System.ComponentModel;
using System.Diagnostics;

namespace GpuMem.Kubernetes.Configuration;

/// <summary>A credential plugin. Its output is a secret and appears in no message; its errors go to our own standard error.</summary>
/// <param name="config">What to run.</param>
/// <param name="where">The user whose plugin it is, for messages.</param>
/// <param name="directory">What a path in <paramref name="config"/> is relative to.</param>
/// <param name="cluster">What the credentials are for.</param>
/// <param name="timeProvider">The clock of its time limit.</param>
internal sealed class ExecPlugin(ExecConfig config, string where, string directory, ClusterEntry cluster, TimeProvider timeProvider)
{
    private const string DefaultApiVersion = "client.authentication.k8s.io/v1";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs it once.</summary>
    internal async Task<IssuedCredential> RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(TimeLimit, timeProvider);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using Process process = Start(config.Command is { Length: > 0 } command ? command : throw Problem("exec has no command."));
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
            throw Problem($"the credential plugin '{config.Command}' took longer than {TimeLimit.TotalSeconds:0} s.");
        }

        if (process.ExitCode != 0)
            throw Problem($"the credential plugin '{config.Command}' ended with status {process.ExitCode}.");
        ExecCredentialStatus status = Parse(output)
            ?? throw Problem($"the credential plugin '{config.Command}' did not print an ExecCredential.");
        return new IssuedCredential(Credential(status), status.ExpirationTimestamp);
    }

    private KubernetesConfigurationException Problem(string what, Exception? cause = null) => new($"{where}: {what}", cause);

    private Process Start(string command)
    {
        // A path is relative to the kubeconfig; a bare name is looked up in PATH.
        bool isPath = command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        ProcessStartInfo start = new(isPath ? Path.GetFullPath(command, directory) : command, config.Args ?? []) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (ExecEnvironment variable in config.Env ?? [])
            start.Environment[variable.Name ?? ""] = variable.Value;
        ExecCredentialSpec spec = new(Interactive: false, config.ProvideClusterInfo == true ? cluster.ForPlugins() : null);
        ExecCredential info = new(config.ApiVersion ?? DefaultApiVersion, nameof(ExecCredential), spec);
        start.Environment["KUBERNETES_EXEC_INFO"] = Encoding.UTF8.GetString(KubernetesJson.Default.Serialize(info));
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception failure) when (failure is Win32Exception or ArgumentException)
        {
            string hint = config.InstallHint is { Length: > 0 } text ? $" {text}" : "";
            throw Problem($"cannot start the credential plugin '{command}': {failure.Message}.{hint}", failure);
        }
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

    private ClientCredential Credential(ExecCredentialStatus status)
    {
        bool certificate = status is { ClientCertificateData.Length: > 0, ClientKeyData.Length: > 0 };
        if (!certificate && string.IsNullOrEmpty(status.Token))
            throw Problem($"the credential plugin '{config.Command}' gave neither a token nor a certificate.");
        return new ClientCredential
        {
            Token = status.Token,
            Certificate = certificate
                ? Pem.KeyPair($"{where}: the credential plugin's certificate", status.ClientCertificateData!, status.ClientKeyData!)
                : null,
        };
    }
}

/// <summary>One object, so that nobody sees the credential of one answer with the expiry of another.</summary>
internal sealed record IssuedCredential(ClientCredential Credential, DateTimeOffset? Expires);
