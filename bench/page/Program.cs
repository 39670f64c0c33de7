using System.Text.Json;
using GpuMem.Bench.Page;

const int Loads = 20, Moves = 200;
const double MostLoadMilliseconds = 300, MostMoveMilliseconds = 50, MostMiB = 60;
const long MostBytes = 150_000;

using var server = await Server.StartAsync();
await using var browser = await Browser.StartAsync();
if (args is ["--images", var folder])
{
    await Pictures.TakeAsync(browser, server.Url, folder);
    Console.WriteLine(JsonSerializer.Serialize(new { bench = "page", images = folder }));
    return 0;
}

Console.Error.WriteLine($"loading the page {Loads} times");
var (loads, bytes) = await Figures.LoadsAsync(browser, server.Url, Loads);
Console.Error.WriteLine($"moving the slider {Moves} times");
var moves = await Figures.MovesAsync(browser, server.Url, Moves);
var (load, move, longestMove) = (Quantile(loads, 0.5), Quantile(moves, 0.5), Quantile(moves, 0.99));
// Some seconds after the last question, as it lies there when nobody looks.
await Task.Delay(TimeSpan.FromSeconds(4));
var memory = server.Usage.ResidentMiB;
Console.WriteLine(JsonSerializer.Serialize(new
{
    bench = "page",
    unit = "ms from a move of the slider to the bar",
    value = Math.Round(move, 1),
    p99 = Math.Round(longestMove, 1),
    millisecondsToFirstAnswer = Math.Round(load, 1),
    firstLoadMilliseconds = Math.Round(loads[0], 1),
    bytes,
    serverMiB = Math.Round(memory, 1),
    serverPeakMiB = Math.Round(server.Usage.PeakMiB, 1),
}));
if (load <= MostLoadMilliseconds && move <= MostMoveMilliseconds && bytes <= MostBytes && memory <= MostMiB)
    return 0;
Console.Error.WriteLine($"allowed are {MostLoadMilliseconds} ms to load, {MostMoveMilliseconds} ms after a move, {MostBytes} bytes and {MostMiB} MiB");
return 1;

static double Quantile(IReadOnlyList<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));
