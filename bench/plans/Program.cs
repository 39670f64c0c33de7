using System.Text.Json;
using GpuMem.Bench.Plans;
using GpuMem.Planning;

int[] sizes = [25, 50, 100, 200, 400];
(string Name, PlanRequest Request)[] requests = [("fits", Requests.Fits), ("with suggestions", Requests.FitsNowhere)];
var medians = new Dictionary<string, double[]>();
foreach (var (name, request) in requests)
{
    PlanTimes.Of(request, Pools.Of(sizes[0]), PlanTimes.WarmUp);
    medians[name] = new double[sizes.Length];
    for (var i = 0; i < sizes.Length; i++)
    {
        var times = PlanTimes.Of(request, Pools.Of(sizes[i]), PlanTimes.Round);
        medians[name][i] = PlanTimes.Quantile(times, 0.5);
        Console.Error.WriteLine($"{name}, {sizes[i]} pools: median {medians[name][i]:0.000} ms, p99 {PlanTimes.Quantile(times, 0.99):0.000} ms over {times.Length} plans");
    }
}

// Milliseconds per pool at the most pools over those at the fewest: 1 is linear, 16 would be quadratic.
double Growth(string name) => Math.Round(medians[name][^1] / sizes[^1] / (medians[name][0] / sizes[0]), 2);

var at50 = Array.IndexOf(sizes, 50);
Console.WriteLine(JsonSerializer.Serialize(new
{
    bench = "plans",
    unit = "ms/plan",
    pools = 50,
    value = Math.Round(medians["with suggestions"][at50], 3),
    valueWhenItFits = Math.Round(medians["fits"][at50], 3),
    costPerPoolAt400Over25 = Growth("with suggestions"),
    costPerPoolAt400Over25WhenItFits = Growth("fits"),
}));
