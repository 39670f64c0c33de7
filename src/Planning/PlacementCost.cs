namespace GpuMem.Planning;

/// <summary>What a placement takes and gives, as far as an objective compares it.</summary>
/// <param name="Gpus">In all.</param>
/// <param name="Nodes">Pods, one to a node.</param>
/// <param name="Hourly">Money; null without a price.</param>
/// <param name="TokensPerSecond">Of all GPUs together, roughly; null when it is not known.</param>
internal readonly record struct PlacementCost(long Gpus, long Nodes, double? Hourly, double? TokensPerSecond)
{
    public static PlacementCost Of(ICandidate candidate) => new(candidate.Gpus, candidate.Nodes, (double?)candidate.HourlyCost, candidate.TokensPerSecond);

    /// <summary>Less than zero when the objective prefers this.</summary>
    public int CompareTo(PlacementCost other, Objective objective) => objective switch
    {
        Objective.FewestGPUs => Gpus.CompareTo(other.Gpus),
        Objective.FewestNodes => Nodes.CompareTo(other.Nodes),
        Objective.Fastest => Faster(other),
        _ => Cheaper(other),
    };

    /// <summary>
    /// What the objective makes small, of one GPU where it counts what all of them do: there may be any number of them. It orders placements on GPUs of
    /// one product and one price.
    /// </summary>
    public double Each(Objective objective) => objective switch
    {
        Objective.FewestGPUs => Gpus,
        Objective.FewestNodes => Nodes,
        Objective.Fastest => -TokensPerSecond / Gpus ?? 0,
        _ => Knowledge switch
        {
            0 => Hourly!.Value / TokensPerSecond!.Value,
            1 => Hourly!.Value,
            _ => Gpus,
        },
    };

    /// <summary>What has no known speed comes last, and then the most GPUs first.</summary>
    private int Faster(PlacementCost other) => (TokensPerSecond, other.TokensPerSecond) switch
    {
        ({ } x, { } y) => y.CompareTo(x),
        (null, null) => other.Gpus.CompareTo(Gpus),
        (null, _) => 1,
        _ => -1,
    };

    /// <summary>Money for the work, where price and speed are known; then money for an hour; without prices GPUs.</summary>
    private int Cheaper(PlacementCost other)
    {
        var (known, others) = (Knowledge, other.Knowledge);
        return known != others ? known.CompareTo(others) : known switch
        {
            0 => (Hourly!.Value / TokensPerSecond!.Value).CompareTo(other.Hourly!.Value / other.TokensPerSecond!.Value),
            1 => Hourly!.Value.CompareTo(other.Hourly!.Value),
            _ => Gpus.CompareTo(other.Gpus),
        };
    }

    private int Knowledge => Hourly is null ? 2 : TokensPerSecond is null ? 1 : 0;
}
