using System.Globalization;
using GpuMem.Bench.Estimates;

switch (args)
{
    case []:
        EstimateRate.Measure();
        return 0;
    case ["--parsers"]:
        return ParserRun.Feed(10_000_000, seed: 1);
    case ["--parsers", var count] when TryCount(count, out var inputs):
        return ParserRun.Feed(inputs, seed: 1);
    case ["--parsers", var count, "--seed", var seed] when TryCount(count, out var inputs) && int.TryParse(seed, CultureInfo.InvariantCulture, out var start):
        return ParserRun.Feed(inputs, start);
    default:
        Console.Error.WriteLine("usage: estimates [--parsers [N [--seed S]]]");
        return 2;
}

static bool TryCount(string text, out long count) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;
