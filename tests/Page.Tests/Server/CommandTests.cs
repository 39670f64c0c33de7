using System.Net.Sockets;

namespace GpuMem.Page.Tests.Server;

/// <summary><c>gpumem ui</c>, as a process of its own.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task It_says_where_the_page_is_serves_it_and_ends_when_it_is_told_to()
    {
        await using var process = GpuMemProcess.Start("ui", "--port", "0");
        await process.HasLoggedAsync("The page is");
        using var client = new HttpClient();

        Assert.Contains("<title>GpuMem", await client.GetStringAsync(Url(process)), StringComparison.Ordinal);
        await process.TerminateAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain("can read it", process.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_warns_where_others_can_reach_it()
    {
        await using var process = GpuMemProcess.Start("ui", "--port", "0", "--address", "0.0.0.0");
        await process.HasLoggedAsync("Whoever can reach 0.0.0.0 can read it");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var process = GpuMemProcess.Start("ui", "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}");
        await process.HasLoggedAsync("Give another --port");
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.DoesNotContain("   at ", process.Log, StringComparison.Ordinal);
    }

    private static Uri Url(GpuMemProcess process) => new(process.Log.Split('\n').First(line => line.StartsWith("The page is", StringComparison.Ordinal)).Split(' ')[3]);
}
