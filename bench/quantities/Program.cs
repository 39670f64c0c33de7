using System.Text.Json;
using GpuMem.Bench.Quantities;

const double LimitMicroseconds = 1000;

ParseTimes.Average(Texts.Usual, TimeSpan.FromSeconds(1));
var (nanoseconds, bytes) = ParseTimes.Average(Texts.Usual, TimeSpan.FromSeconds(5));
Console.Error.WriteLine($"usual quantities: {nanoseconds:0.0} ns and {bytes:0} bytes each");

// Compiled first: a method's first call says more about the compiler than about the text.
foreach (var text in Texts.Hostile)
    ParseTimes.Of(text);
double longestMedian = 0;
double longest = 0;
double refusal = 0;
foreach (var text in Texts.Hostile)
{
    var (median, most, accepted) = ParseTimes.Of(text);
    var shown = text.Length > 24 ? $"{text[..24]}… ({text.Length} characters)" : text;
    Console.Error.WriteLine($"{shown}: {(accepted ? "read" : "refused")}, median {median:0.00} µs, longest {most:0.00} µs");
    (longestMedian, longest) = (Math.Max(longestMedian, median), Math.Max(longest, most));
    if (text == Texts.HugeExponent)
        refusal = accepted ? throw new InvalidOperationException($"{text} was accepted") : median;
}

Console.WriteLine(JsonSerializer.Serialize(new
{
    bench = "quantities",
    unit = "ns/parse",
    value = Math.Round(nanoseconds, 1),
    bytesPerParse = Math.Round(bytes),
    microsecondsToRefuseHugeExponent = Math.Round(refusal, 2),
    microsecondsForSlowestHostile = Math.Round(longestMedian, 2),
    microsecondsLongestSeen = Math.Round(longest, 2),
}));
if (longestMedian < LimitMicroseconds)
    return 0;
Console.Error.WriteLine($"a hostile quantity takes {longestMedian:0} µs, and {LimitMicroseconds:0} are allowed");
return 1;
