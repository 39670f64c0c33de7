using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GpuMem.Estimation.Models;

namespace GpuMem.Bench.Estimates;

/// <summary>Feeds broken inputs to the parsers of what users hand in, and counts crashes and inputs that take long.</summary>
internal static class ParserRun
{
    private const double SlowMilliseconds = 50;
    private const int Shown = 10;
    private const long ProgressEvery = 500_000;

    public static int Feed(long inputs, int seed)
    {
        var random = new Random(seed);
        var configs = new BrokenConfigs(random);
        var counts = new BrokenCounts(random);
        var (read, refused, crashes, slow, slowest) = (0L, 0L, 0L, 0L, 0.0);
        var watch = Stopwatch.StartNew();
        for (var i = 1L; i <= inputs; i++)
        {
            // Counts of parameters are short texts with few ways to go wrong.
            var isCount = random.Next(8) == 0;
            var text = isCount ? counts.Next() : null;
            var json = isCount ? default : configs.Next();
            var start = Stopwatch.GetTimestamp();
            try
            {
                _ = (text is null ? HuggingFaceConfig.Parse(json) : ModelArchitecture.FromParameterCount(text)).Parameters;
                read++;
            }
            catch (ModelFormatException)
            {
                refused++;
            }
#pragma warning disable CA1031 // Any other exception is what is counted here.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (++crashes <= Shown)
                    Console.Error.WriteLine($"crash: {exception.GetType().Name}: {exception.Message}\n  {text ?? Encoding.UTF8.GetString(json.Span)}");
            }

            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (took > SlowMilliseconds && TakesLong(text, json))
            {
                if (++slow <= Shown)
                    Console.Error.WriteLine($"{took:0} ms: {text ?? Encoding.UTF8.GetString(json.Span)}");
            }

            slowest = Math.Max(slowest, took);
            if (i % ProgressEvery == 0)
                Console.Error.WriteLine($"{i:N0} of {inputs:N0}: {i / watch.Elapsed.TotalSeconds:N0}/s, {read:N0} read, {refused:N0} refused, {crashes} crashes, {slow} slow");
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "parsers",
            unit = "inputs/s",
            value = Math.Round(inputs / watch.Elapsed.TotalSeconds),
            inputs,
            read,
            refused,
            crashes,
            slow,
            slowestMilliseconds = Math.Round(slowest, 3),
            seed,
        }));
        return crashes + slow == 0 ? 0 : 1;
    }

    /// <summary>Whether an input takes long again: on a shared machine the first time may have been the scheduler.</summary>
    private static bool TakesLong(string? text, ReadOnlyMemory<byte> json)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                _ = text is null ? HuggingFaceConfig.Parse(json) : ModelArchitecture.FromParameterCount(text);
            }
            catch (ModelFormatException)
            {
                // Refused, as it was before.
            }

            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds <= SlowMilliseconds)
                return false;
        }

        return true;
    }
}
