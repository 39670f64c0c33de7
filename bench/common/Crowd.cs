using System.Diagnostics;

namespace GpuMem.Bench.Common;

/// <summary>Creates many objects, several at once, and says how far it is.</summary>
internal static class Crowd
{
    private const int AtOnce = 12;

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    public static async Task<TimeSpan> CreateAsync(RawApi api, string what, string path, int count, Func<int, byte[]> body)
    {
        var (watch, made) = (Stopwatch.StartNew(), 0);
        using var tell = new Timer(_ => Console.Error.WriteLine($"  {made}/{count} {what}"), null, TellEvery, TellEvery);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
        {
            await api.CreateAsync(path, body(number), cancellationToken);
            Interlocked.Increment(ref made);
        });
        Console.Error.WriteLine($"{count} {what} created in {watch.Elapsed.TotalSeconds:0.0} s");
        return watch.Elapsed;
    }
}
