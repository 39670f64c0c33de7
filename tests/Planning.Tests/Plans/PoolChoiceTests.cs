namespace GpuMem.Planning.Tests.Plans;

public sealed class PoolChoiceTests
{
    private static readonly Pool Large = Pools.Fitting(Jobs.Sharded.WithData(4).Estimate(), name: "large");

    private static readonly Pool Small = Pools.Fitting(Jobs.Sharded.WithData(16).Estimate(), name: "small");

    [Fact]
    public void Cost_takes_the_least_money_for_all_gpus()
    {
        Assert.Equal("large", Best(Objective.Cost, Large with { PricePerGpuHour = 3.9m }, Small with { PricePerGpuHour = 1 }).Pool.Name);
        Assert.Equal("small", Best(Objective.Cost, Large with { PricePerGpuHour = 4.1m }, Small with { PricePerGpuHour = 1 }).Pool.Name);
    }

    [Fact]
    public void A_known_price_comes_before_an_unknown_one() =>
        Assert.Equal("small", Best(Objective.Cost, Large, Small with { PricePerGpuHour = 1_000_000 }).Pool.Name);

    [Fact]
    public void Without_prices_fewer_gpus_cost_less() => Assert.Equal("large", Best(Objective.Cost, Small, Large).Pool.Name);

    [Fact]
    public void FewestGPUs_ignores_the_price() =>
        Assert.Equal("large", Best(Objective.FewestGPUs, Large with { PricePerGpuHour = 1000 }, Small with { PricePerGpuHour = 1 }).Pool.Name);

    [Fact]
    public void FewestNodes_counts_nodes_and_not_gpus() =>
        Assert.Equal("small", Best(Objective.FewestNodes, Large with { GpusPerNode = 1 }, Small with { GpusPerNode = 16 }).Pool.Name);

    [Fact]
    public void What_fits_comes_before_what_may_not_and_that_before_what_cannot()
    {
        var estimate = Jobs.Sharded.WithData(8).Estimate();
        var plan = Planner.Plan(Jobs.Sharded.WithData(8).Fixed(),
        [
            Pools.Of(Pools.Nothing, name: "never") with { PricePerGpuHour = 1 },
            Pools.Of(null, name: "unknown") with { PricePerGpuHour = 2 },
            Pools.Of(estimate.Expected, name: "tight") with { PricePerGpuHour = 3 },
            Pools.Of(estimate.UpperBound, name: "good") with { PricePerGpuHour = 4 },
        ]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.Equal(["good", "tight", "unknown", "never"], plan.Candidates.Select(candidate => candidate.Pool.Name));
        Assert.Equal([Verdict.Fits, Verdict.AtRisk, Verdict.Unknown, Verdict.Impossible], plan.Candidates.Select(candidate => candidate.Verdict));
    }

    [Fact]
    public void A_pool_that_has_the_gpus_comes_before_one_that_lacks_some() =>
        Assert.Equal("enough", Best(Objective.Cost, Jobs.Sharded.WithData(16).Fixed(),
            Pools.Of(Pools.Plenty, nodes: 1, name: "few") with { PricePerGpuHour = 1 },
            Pools.Of(Pools.Plenty, nodes: 2, name: "enough") with { PricePerGpuHour = 2 }).Pool.Name);

    [Fact]
    public void Of_pools_that_are_too_small_the_nearest_comes_first() =>
        Assert.Equal("nearer", Best(Objective.Cost, Jobs.Sharded.WithData(8).Fixed(), Pools.Of(Pools.Nothing, name: "far"), Pools.Of(new(2 * Pools.Nothing.Value), name: "nearer")).Pool.Name);

    [Fact]
    public void The_job_stays_on_the_pools_it_names()
    {
        var plan = Planner.Plan(Jobs.Sharded.WithData(8).Fixed() with { Pools = ["never"] }, [Pools.Of(Pools.Plenty, name: "good"), Pools.Of(Pools.Nothing, name: "never")]);

        Assert.True(plan.Verdict.Rejects());
        Assert.Equal("never", Assert.Single(plan.Candidates).Pool.Name);
    }

    [Fact]
    public void The_order_of_pools_does_not_matter()
    {
        Pool[] pools = [Large, Small, Large with { Name = "twin" }, Pools.Of(null, name: "unknown"), Pools.Of(Pools.Nothing, name: "never")];

        var plan = Planner.Plan(Jobs.Sharded.Auto(), pools);
        var again = Planner.Plan(Jobs.Sharded.Auto(), [.. pools.Reverse()]);

        Assert.Equal(plan.Candidates.Select(candidate => candidate.Pool.Name), again.Candidates.Select(candidate => candidate.Pool.Name));
    }

    private static Candidate Best(Objective objective, params Pool[] pools) => Best(objective, Jobs.Sharded.Auto(), pools);

    private static Candidate Best(Objective objective, PlanRequest request, params Pool[] pools) => Planner.Plan(request with { Objective = objective }, pools).Best!;
}
