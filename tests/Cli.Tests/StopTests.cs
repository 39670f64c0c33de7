using GpuMem.TestKit;

namespace GpuMem.Cli.Tests;

/// <summary>What a kubelet does to a pod that is to go (SIGTERM).</summary>
public sealed class StopTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_webhook_that_is_told_to_stop_takes_the_time_it_was_given_and_ends_by_itself()
    {
        // Longer than the two seconds that a command line's own handler would leave it.
        await using var webhook = Start("webhook", "--port", "0", "--shutdown-delay", "3");
        await webhook.HasLoggedAsync("trying again");
        await webhook.TerminateAsync();
        await webhook.HasLoggedAsync("serving for 3 s more");
        await webhook.WaitForExitAsync();
        Assert.Equal(0, webhook.ExitCode);
    }

    [Fact]
    public async Task An_operator_that_is_told_to_stop_ends_by_itself()
    {
        await using var process = Start("operator");
        await process.HasLoggedAsync("is not reachable");
        await process.TerminateAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>With a kubeconfig that leads nowhere.</summary>
    private GpuMemProcess Start(string command, params string[] args)
    {
        var kubeconfig = _folder.Write("kubeconfig", """
            apiVersion: v1
            kind: Config
            current-context: nowhere
            contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
            clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: nobody, user: {}}]
            """);
        return GpuMemProcess.Start([command, "--kubeconfig", kubeconfig, "--namespace", "default", "--address", "127.0.0.1", "--health-port", "0", .. args]);
    }
}
