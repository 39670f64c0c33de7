using System.Diagnostics;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary>
/// Processor time of the webhook per review, as the kernel counts it. Asked over a few connections as fast as answers come: processor time,
/// unlike latency, does not depend on when a question was sent, and a build that cannot keep up with a schedule can still be counted.
/// </summary>
internal static class Cost
{
    private const int AtOnce = 4;

    /// <summary>A slow build is counted over fewer reviews.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <summary>CPU milliseconds per review.</summary>
    public static async Task<double> PerReviewAsync(Endpoint endpoint, Usage usage, int count, Func<int, Question> question, TimeSpan? patience = null)
    {
        var before = usage.CpuSeconds;
        var answered = await AskAsync(endpoint, count, question, patience ?? Patience);
        return 1_000 * (usage.CpuSeconds - before) / answered;
    }

    /// <summary>Asks so that the generator's own code is compiled, and connections are open, before anything is measured.</summary>
    public static Task WarmUpAsync(Endpoint endpoint, Func<int, Question> question) => AskAsync(endpoint, 20_000, question, WarmUp);

    private static async Task<int> AskAsync(Endpoint endpoint, int count, Func<int, Question> question, TimeSpan patience)
    {
        var (next, answered, watch) = (-1, 0, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < count && watch.Elapsed < patience)
            {
                await endpoint.AskAsync(question(number));
                Interlocked.Increment(ref answered);
            }
        })));
        return answered;
    }
}
