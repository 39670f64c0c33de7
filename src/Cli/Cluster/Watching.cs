using System.CommandLine;

namespace GpuMem.Cli.Cluster;

/// <summary><c>--watch</c>: the same answer again every few seconds, of a cluster that changes, until it is told to stop.</summary>
internal static class Watching
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    public static Option<bool> Option() => new("--watch", "-w") { Description = "look again every few seconds" };

    /// <param name="again">Whether it was asked for; else once is enough.</param>
    /// <param name="format">Of the answers: documents of YAML are told apart.</param>
    /// <param name="look">Looks, writes the answer, and returns the status to end with.</param>
    /// <param name="cancellationToken">Ends it, without that being a failure.</param>
    /// <returns>The status of the last answer.</returns>
    public static async Task<int> RunAsync(bool again, string format, Func<Task<int>> look, CancellationToken cancellationToken)
    {
        while (true)
        {
            var status = await look();
            if (!again)
                return status;
            Console.Out.WriteLine(format == "yaml" ? "---" : "");
            await Task.Delay(LookAgainAfter, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return status;
        }
    }
}
