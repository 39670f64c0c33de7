using System.Text.Json;
using GpuMem.Bench.Plans;
using GpuMem.Planning;
using GpuMem.Planning.Serving;

int[] sizes = [25, 50, 100, 200, 400, 1000];
(string Name, PlanRequest Request)[] requests = [("fits", Requests.Fits), ("with suggestions", Requests.FitsNowhere), ("with suggestions, fixed", Requests.FixedFitsNowhere), ("open", Requests.Open), ("open, with suggestions", Requests.OpenFitsNowhere)];
var medians = new Dictionary<string, double[]>();
var cpu = new Dictionary<string, double>();
foreach (var (name, request) in requests)
{
    PlanTimes.Of(request, Pools.Of(sizes[0]), PlanTimes.WarmUp);
    medians[name] = new double[sizes.Length];
    for (var i = 0; i < sizes.Length; i++)
    {
        var times = Measure(name, $"{sizes[i]} pools", request, Pools.Of(sizes[i]));
        medians[name][i] = times.Percentile(50);
        if (sizes[i] == 200)
            cpu[name] = Math.Round(times.CpuMs, 3);
    }
    cpu[$"{name}, of few kinds"] = Math.Round(Measure(name, "200 pools of few kinds", request, Pools.OfFewKinds(200)).CpuMs, 3);
}

// Of bytes there is nothing to average: every plan of a request takes the same.
var kilobytes = requests.ToDictionary(one => one.Name, one => PlanTimes.BytesOf(() => Planner.Plan(one.Request, Pools.Of(50))) / 1000);
foreach (var (name, size) in kilobytes)
    Console.Error.WriteLine($"{name}, 50 pools: {size} kB");

var server = MeasureAny("server with suggestions", "200 pools", () => ServerPlanner.Plan(Requests.Server, Pools.Of(200)));
var smallest = MeasureAny("smallest server", "all GPUs that are built in", () => ServerPlanner.Smallest(Requests.Server));

static PlanTimes Measure(string name, string what, PlanRequest request, IReadOnlyList<Pool> pools) => MeasureAny(name, what, () => Planner.Plan(request, pools));

static PlanTimes MeasureAny(string name, string what, Func<object> plan)
{
    var times = PlanTimes.Of(plan, PlanTimes.Round);
    Console.Error.WriteLine($"{name}, {what}: {times.CpuMs:0.000} CPU-ms, median {times.Percentile(50):0.000} ms, p99 {times.Percentile(99):0.000} ms over {times.Ticks.TotalCount} plans");
    return times;
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
    valueWhenOpen = Math.Round(medians["open"][at50], 3),
    valueWhenOpenAndNothingFits = Math.Round(medians["open, with suggestions"][at50], 3),
    kilobytesAt50Pools = kilobytes,
    cpuMsAt200Pools = cpu,
    serverMsAt200Pools = Math.Round(server.Percentile(50), 3),
    smallestServerMs = Math.Round(smallest.Percentile(50), 3),
    costPerPoolAt1000Over25 = Growth("with suggestions"),
    costPerPoolAt1000Over25WhenItFits = Growth("fits"),
}));
