using GpuMem.Planning.Speed;

namespace GpuMem.Planning.Search;

/// <summary>What a layout takes on a number of GPUs and gives there with each of its settings, whether their memory is enough or not.</summary>
/// <param name="Gpus">In all.</param>
/// <param name="Nodes">Pods, one to a node.</param>
/// <param name="Hourly">Money; null without a price.</param>
/// <param name="Time">Of its steps; null when it is not known.</param>
/// <param name="Settings">Those that are open.</param>
internal readonly record struct LayoutCost(long Gpus, long Nodes, double? Hourly, LayoutTime? Time, Setting[] Settings)
{
    /// <summary>By how much a bound is loosened: sums in another order differ in their last digits.</summary>
    public const double Rounding = 1 + 1e-9;

    public PlacementCost With(int setting) => new(Gpus, Nodes, Hourly, TokensPerSecond(setting));

    /// <summary>No less than with any of some settings: for the same GPUs no objective prefers a slower one.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many follow each other.</param>
    public PlacementCost AtMost(int first, int count)
    {
        var most = TokensPerSecond(first);
        for (var i = first + 1; most is not null && i < first + count; i++)
            most = Math.Max(most.Value, TokensPerSecond(i)!.Value);
        return new(Gpus, Nodes, Hourly, most * Rounding);
    }

    private double? TokensPerSecond(int setting) => Time?.TokensPerSecond(Settings[setting].Recompute, Settings[setting].Sequences);
}
