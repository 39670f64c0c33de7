using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Bench.Estimates;

/// <summary>Damaged configurations and cases by the million: each must be read or refused with a reason, and quickly. Same seed, same inputs.</summary>
internal static class Fuzz
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    public static int Run(long cases, int seed)
    {
        var damage = new Damage(new Random(seed));
        byte[][] seeds = [.. Seeds.All.Select(Encoding.UTF8.GetBytes)];
        var (slowest, refused, slow) = (TimeSpan.Zero, 0L, 0L);
        for (var i = 0L; i < cases; i++)
        {
            var input = damage.Of(seeds[i % seeds.Length]);
            var (accepted, took) = Timed(input, isCase: i % seeds.Length >= Seeds.Configurations);

            // A pause of the machine is not the parser's: only what is slow three times in a row counts.
            for (var again = 0; again < 2 && took > Limit; again++)
                took = Timed(input, isCase: i % seeds.Length >= Seeds.Configurations) is var (_, repeated) && repeated < took ? repeated : took;
            if (took > Limit)
                slow++;
            slowest = took > slowest ? took : slowest;
            refused += accepted ? 0 : 1;
            if ((i + 1) % 1_000_000 == 0)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1:N0} inputs, {refused:N0} refused, slowest {slowest.TotalMilliseconds:0.00} ms"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"Estimates","mode":"fuzz","unit":"inputs","value":{{cases}},"refused":{{refused}},"slowestMs":{{slowest.TotalMilliseconds:0.00}},"over50ms":{{slow}},"seed":{{seed}}}"""));
        return slow == 0 ? 0 : 1;
    }

    /// <summary>Any exception but the two that carry a reason ends the run: that is what it looks for.</summary>
    private static (bool Accepted, TimeSpan Took) Timed(byte[] input, bool isCase)
    {
        var start = Stopwatch.GetTimestamp();
        var accepted = true;
        try
        {
            if (isCase)
                CaseReader.Parse(input);
            else
                HuggingFaceConfig.Parse(input);
        }
        catch (Exception error) when (error is ModelFormatException or CaseFormatException)
        {
            accepted = false;
        }

        return (accepted, Stopwatch.GetElapsedTime(start));
    }
}
