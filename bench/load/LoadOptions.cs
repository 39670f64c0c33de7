using System.Globalization;
using GpuMem.TestKit;

namespace GpuMem.Bench.Load;

/// <summary>What is measured, and for how long.</summary>
internal sealed record LoadOptions
{
    /// <summary>Ascending, for nodes and pools are only ever added.</summary>
    public IReadOnlyList<ClusterSize> Sizes { get; private init; } = [new(0, 0), new(6, 2), new(1_000, 50), new(5_000, 100), new(10_000, 200)];

    /// <summary>Reviews a second of the latency run.</summary>
    public int Rate { get; private init; } = 500;

    public double Minutes { get; private init; } = 1;

    /// <summary>Over how many reviews CPU is counted.</summary>
    public int Reviews { get; private init; } = 10_000;

    /// <summary>TrainingJobs whose pods are denied, each judged once for the first time.</summary>
    public int Jobs { get; private init; } = 200;

    /// <summary>How often a webhook is started at each size; the median counts.</summary>
    public int Starts { get; private init; } = 3;

    /// <summary>A limit on connections, far above what is ever open: who waits for one is not answered in time, and that is counted.</summary>
    public int Connections { get; private init; } = 256;

    /// <summary>The build under test, a native binary or a DLL.</summary>
    public string Webhook { get; private init; } = UnderTest();

    /// <summary>Another build, measured in the same run.</summary>
    public string? Baseline { get; private init; }

    /// <summary>A webhook that runs already; nothing is started then.</summary>
    public Uri? Url { get; private init; }

    /// <summary>The process behind <see cref="Url"/>, if it is on this machine.</summary>
    public int? ProcessId { get; private init; }

    /// <summary>A PEM file with the authority to trust; without one, of a given URL any certificate is taken.</summary>
    public string? Ca { get; private init; }

    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value");
            options = args[i] switch
            {
                "--sizes" => options with { Sizes = [.. value.Split(',').Select(ClusterSize.Parse).Order()] },
                "--rate" => options with { Rate = Number(value) },
                "--minutes" => options with { Minutes = double.Parse(value, CultureInfo.InvariantCulture) },
                "--reviews" => options with { Reviews = Number(value) },
                "--jobs" => options with { Jobs = Number(value) },
                "--starts" => options with { Starts = Number(value) },
                "--connections" => options with { Connections = Number(value) },
                "--webhook" => options with { Webhook = Build(value) },
                "--baseline" => options with { Baseline = Build(value) },
                "--url" => options with { Url = new Uri(value) },
                "--pid" => options with { ProcessId = Number(value) },
                "--ca" => options with { Ca = value },
                _ => throw new ArgumentException($"unknown option {args[i]}; bench/README.md lists them"),
            };
        }
        return options;
    }

    private static string UnderTest()
    {
        if (Environment.GetEnvironmentVariable("GPUMEM_BINARY") is { Length: > 0 } binary)
            return Build(binary);
        var native = Path.Combine(RepositoryRoot.Path, "artifacts", "native", "gpumem");
        return File.Exists(native) ? native : Path.Combine(AppContext.BaseDirectory, "gpumem.dll");
    }

    private static string Build(string path) =>
        File.Exists(path) ? Path.GetFullPath(path) : throw new ArgumentException($"there is no {path}: build it first");

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
