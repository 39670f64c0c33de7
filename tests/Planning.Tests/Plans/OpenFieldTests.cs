using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Planning.Search;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>A job whose layout and settings are left open gets those that its objective prefers among all that fit.</summary>
[Properties(MaxTest = 200, Arbitrary = [typeof(OpenJobs)])]
public sealed class OpenFieldTests
{
    private const OpenFields Everything =
        OpenFields.Data | OpenFields.Tensor | OpenFields.Pipeline | OpenFields.Context | OpenFields.Expert | OpenFields.Sharding | OpenFields.Recompute | OpenFields.MicroBatchSize;

    [Property(MaxTest = 2000)]
    public void The_choice_is_that_of_trying_everything(OpenJob given)
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        var tried = given.Pools.SelectMany(pool => EveryWay(given.Request, pool)).ToList();
        var isFound = plan.Best is { Verdict: Verdict.Fits, GpusShort: 0 };
        Assert.Equal(tried.Count > 0, isFound);
        if (!isFound)
            return;

        // Another placement that is exactly as good is as good a choice.
        var best = tried.Min(way => Money(given.Request.Objective, way));
        Assert.Equal(best, Money(given.Request.Objective, plan.Best!), 1e-9 * Math.Abs(best));
    }

    [Property]
    public bool What_is_not_open_stays(OpenJob given) => Planner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
    {
        var (asked, got, open) = (given.Request.Job, candidate.Job, given.Request.Open);
        return got.Model == asked.Model
            && (open.HasFlag(OpenFields.Tensor) || got.Parallelism.Tensor == asked.Parallelism.Tensor)
            && (open.HasFlag(OpenFields.Pipeline) || got.Parallelism.Pipeline == asked.Parallelism.Pipeline)
            && (open.HasFlag(OpenFields.Context) || got.Parallelism.Context == asked.Parallelism.Context)
            && (open.HasFlag(OpenFields.Expert) || got.Parallelism.Expert == asked.Parallelism.Expert)
            && (open.HasFlag(OpenFields.Sharding) || got.Parallelism.Sharding == asked.Parallelism.Sharding)
            && (open.HasFlag(OpenFields.Recompute) || got.Training.Recompute == asked.Training.Recompute)
            && (open.HasFlag(OpenFields.MicroBatchSize) || got.Training.MicroBatchSize == asked.Training.MicroBatchSize)
            && (open.HasFlag(OpenFields.Data) || got.Parallelism.Data == asked.Parallelism.Data);
    });

    [Property]
    public bool A_tensor_parallel_group_that_was_left_open_stays_where_NVLink_reaches(OpenJob given) =>
        !given.Request.Open.HasFlag(OpenFields.Tensor)
        || Planner.Plan(given.Request, given.Pools).Candidates.All(candidate => candidate.Job.Parallelism.Tensor <= candidate.Pool.NvLinkGroup);

    [Theory]
    [InlineData(Objective.Cost)]
    [InlineData(Objective.FewestGPUs)]
    [InlineData(Objective.FewestNodes)]
    [InlineData(Objective.Fastest)]
    public void A_70B_model_finds_its_layout_on_a_cluster_of_H100s(Objective objective)
    {
        var plan = Planner.Plan(Open("meta-llama/Llama-3.1-70B", objective), [H100s(nodes: 16)]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.NotNull(plan.Best!.TokensPerSecond);
        if (objective == Objective.Fastest)
            Assert.Equal(128, plan.Best.Gpus);
    }

    [Fact]
    public void The_least_money_is_not_the_fewest_GPUs_when_recomputing_costs_more_than_it_saves()
    {
        var pools = new[] { H100s(nodes: 16) };
        var (cheapest, fewest) = (Planner.Plan(Open("meta-llama/Llama-3.1-8B", Objective.Cost), pools).Best!, Planner.Plan(Open("meta-llama/Llama-3.1-8B", Objective.FewestGPUs), pools).Best!);

        Assert.True(cheapest.Gpus >= fewest.Gpus);
        Assert.True((double)cheapest.HourlyCost! / cheapest.TokensPerSecond <= (double)fewest.HourlyCost! / fewest.TokensPerSecond);
    }

    [Fact]
    public void A_micro_batch_that_is_a_whole_step_is_tried_where_smaller_ones_do_not_fit()
    {
        var job = new JobSpec
        {
            Model = Model("mistralai/Mixtral-8x7B-v0.1"),
            Training = new TrainingSpec { SequenceLength = 2048, GlobalBatchSize = 8, Framework = TrainingFramework.PyTorchFSDP },
            Parallelism = new ParallelismSpec { Sharding = Sharding.None },
        };
        var a100 = H100s(nodes: 3) with { Product = "NVIDIA-A100-SXM4-80GB" };

        var plan = Planner.Plan(new PlanRequest { Job = job, Open = OpenFields.Data | OpenFields.Pipeline | OpenFields.MicroBatchSize }, [a100]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.Equal((16, 8L), (plan.Best!.Job.Parallelism.Pipeline, plan.Best.Job.Training.MicroBatchSize));
    }

    /// <summary>Two ranks of data parallelism on pods of four: what is open has to make up for the rest.</summary>
    [Fact]
    public void Layouts_that_pods_of_the_given_size_do_not_divide_are_left_out()
    {
        var request = Open("meta-llama/Llama-3.2-1B", Objective.FewestGPUs) with { GpusPerNode = 4 };
        request = request with { Open = OpenFields.Tensor | OpenFields.Pipeline, Job = request.Job.WithData(2) };

        var best = Planner.Plan(request, [H100s(nodes: 2)]).Best!;
        Assert.Equal((4L, 4, 1L), (best.Gpus, best.GpusPerNode, best.Nodes));

        var plan = Planner.Plan(request with { Open = OpenFields.Recompute }, [H100s(nodes: 2)]);
        Assert.Equal((Verdict.Invalid, "placement.gpusPerNode"), (plan.Verdict, Assert.Single(plan.Problems).Path));
    }

    /// <summary>What can start now comes before what waits, whatever the objective.</summary>
    [Fact]
    public void The_fastest_of_what_can_start_now_takes_all_free_gpus_and_not_those_that_others_hold()
    {
        var best = Planner.Plan(Open("meta-llama/Llama-3.1-8B", Objective.Fastest), [H100s(nodes: 8) with { FreeGpus = 40 }]).Best!;

        Assert.Equal((Verdict.Fits, 32L), (best.Verdict, best.Gpus));
    }

    /// <summary>By how much a layout is too large is not known there, and still some are nearer than others.</summary>
    [Fact]
    public void Where_a_GPU_has_at_most_so_much_memory_the_layout_that_needs_the_least_comes_nearest()
    {
        var request = Open("meta-llama/Llama-3.1-8B", Objective.Cost);
        request = request with { Open = OpenFields.Data | OpenFields.Context, Job = request.Job.Training(training => training with { SequenceLength = 4_194_304 }) };
        var pool = H100s(nodes: 4) with { UsableMemory = null, LargestMemory = Bytes.FromGiB(79) };

        var best = Planner.Plan(request, [pool]).Best!;

        Assert.Equal((Verdict.DoesNotFit, 32), (best.Verdict, best.Job.Parallelism.Context));
    }

    /// <summary>
    /// On one node of H100s whole experts on each rank are faster than a part of every expert: their matrices stay wide, and a token goes to another rank once
    /// for each of its experts (Megatron-LM, megatron/core/transformer/moe/README.md).
    /// </summary>
    [Theory]
    [InlineData("Qwen/Qwen3-30B-A3B")]
    [InlineData("mistralai/Mixtral-8x7B-v0.1")]
    [InlineData("deepseek-ai/DeepSeek-V3")]
    public void Experts_are_faster_divided_over_ranks_than_cut(string model)
    {
        var (divided, cut) = (Speed(new ParallelismSpec { Expert = 8, Data = 8 }), Speed(new ParallelismSpec { Tensor = 8 }));

        Assert.True(divided > 1.1 * cut, $"{divided} over {cut} tokens per second");

        double Speed(ParallelismSpec layout) => Planner.Plan(
            new JobSpec { Model = Model(model), Training = new TrainingSpec { SequenceLength = 4096, GlobalBatchSize = 256, Framework = TrainingFramework.Megatron }, Parallelism = layout }.Fixed(),
            [H100s(nodes: 1) with { UsableMemory = Bytes.FromGiB(100_000) }]).Best!.TokensPerSecond!.Value;
    }

    /// <summary>As published recipes of Megatron-LM do: a rank gathers and reduces its own experts alone, and few ranks cut a matrix.</summary>
    [Theory]
    [InlineData("Qwen/Qwen3-30B-A3B", 8)]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 4)]
    public void A_mixture_of_experts_is_divided_by_experts_rather_than_by_tensors(string model, int nodes)
    {
        var job = new JobSpec
        {
            Model = Model(model),
            Training = new TrainingSpec { SequenceLength = 4096, GlobalBatchSize = 256, Framework = TrainingFramework.Megatron },
            Parallelism = new ParallelismSpec { Sharding = Sharding.Full },
        };
        var best = Planner.Plan(new PlanRequest { Job = job, Open = OpenFields.Data | OpenFields.Tensor | OpenFields.Expert }, [H100s(nodes)]).Best!;

        Assert.Equal((Verdict.Fits, 8), (best.Verdict, best.Job.Parallelism.Expert));
        Assert.InRange(best.Job.Parallelism.Tensor, 1, 2);
    }

    private static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);

    private static PlanRequest Open(string model, Objective objective) => new()
    {
        Open = Everything & ~OpenFields.Expert,
        Objective = objective,
        Job = Jobs.Sharded with
        {
            Model = Model(model),
            Training = new TrainingSpec { SequenceLength = 8192, GlobalBatchSize = 512, Framework = TrainingFramework.Megatron },
        },
    };

    private static Pool H100s(int nodes) => new()
    {
        Name = "h100",
        Product = "NVIDIA-H100-80GB-HBM3",
        UsableMemory = Bytes.FromGiB(79),
        GpusPerNode = 8,
        Nodes = nodes,
        PricePerGpuHour = 3,
    };

    /// <summary>Every combination of every value that may be tried, at every count that the pool sells, which fits when held against the pool by itself.</summary>
    private static IEnumerable<Candidate> EveryWay(PlanRequest request, Pool pool) =>
        from tensor in Tried(request, OpenFields.Tensor, request.Job.Parallelism.Tensor, Numbers(8).Where(degree => BitOperations.IsPow2(degree) && degree <= pool.NvLinkGroup))
        from pipeline in Tried(request, OpenFields.Pipeline, request.Job.Parallelism.Pipeline, Numbers(64).Where(degree => request.Job.Model.Layers % degree == 0 || (BitOperations.IsPow2(degree) && degree <= request.Job.Model.Layers / 2)))
        from context in Tried(request, OpenFields.Context, request.Job.Parallelism.Context, Numbers(8).Where(degree => BitOperations.IsPow2(degree) && (degree == 1 || request.Job.Training.SequenceLength / degree >= 4096)))
        from expert in Tried(request, OpenFields.Expert, request.Job.Parallelism.Expert, Numbers(64).Where(degree => (request.Job.Model.Experts?.Count ?? 1) % degree == 0))
        from sharding in Tried(request, OpenFields.Sharding, request.Job.Parallelism.Sharding, Enum.GetValues<Sharding>())
        from recompute in Tried(request, OpenFields.Recompute, request.Job.Training.Recompute, Enum.GetValues<Recompute>())
        from sequences in Tried(request, OpenFields.MicroBatchSize, (int)request.Job.Training.MicroBatchSize, Numbers(64).Where(size => BitOperations.IsPow2(size)))
        let model = tensor * pipeline * context
        from gpus in Numbers((int)pool.Gpus).Where(count => count % pool.GpusPerNode == 0 || pool.GpusPerNode % count == 0)
        where gpus % model == 0
        let job = request.Job with
        {
            Parallelism = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding, Data = gpus / model },
            Training = request.Job.Training with { Recompute = recompute, MicroBatchSize = sequences },
        }
        let estimate = MemoryEstimator.TryEstimate(job, out _)
        where estimate is not null && VerdictRule.Decide(estimate, pool, request.HeadroomPercent) == Verdict.Fits
        select Planner.Plan(request with { Open = OpenFields.None, Job = job }, [pool]).Best!;

    private static IEnumerable<T> Tried<T>(PlanRequest request, OpenFields field, T closed, IEnumerable<T> open) => request.Open.HasFlag(field) ? open : [closed];

    private static IEnumerable<int> Numbers(int last) => Enumerable.Range(1, last);

    /// <summary>What the objective makes small.</summary>
    private static double Money(Objective objective, Candidate candidate) => objective switch
    {
        Objective.FewestGPUs => candidate.Gpus,
        Objective.FewestNodes => candidate.Nodes,
        Objective.Fastest => -candidate.TokensPerSecond!.Value,
        _ => (double)candidate.HourlyCost!.Value / candidate.TokensPerSecond!.Value,
    };

    public sealed record OpenJob(PlanRequest Request, IReadOnlyList<Pool> Pools);

    public static class OpenJobs
    {
        private static readonly string[] Names = ["meta-llama/Llama-3.2-1B", "meta-llama/Llama-3.1-8B", "Qwen/Qwen3-8B", "mistralai/Mixtral-8x7B-v0.1", "meta-llama/Llama-3.1-70B"];
        private static readonly (string Product, int GiB, decimal Price)[] Products = [("NVIDIA-A100-SXM4-80GB", 79, 2), ("NVIDIA-H100-80GB-HBM3", 79, 3), ("NVIDIA-L40S", 44, 1), ("NVIDIA-H200", 139, 4)];

        public static Arbitrary<OpenJob> All => Jobs.ToArbitrary();

        private static Gen<OpenJob> Jobs =>
            from name in Gen.Elements(Names)
            from framework in Gen.Elements(TrainingFramework.PyTorchFSDP, TrainingFramework.DeepSpeed, TrainingFramework.Megatron)
            from length in Gen.Elements(2048L, 8192, 32_768)
            from batch in Gen.Elements(8L, 64, 96)
            from method in Gen.Elements(TrainingMethod.Full, TrainingMethod.Full, TrainingMethod.LoRA)
            from open in Gen.SubListOf(OpenFields.Tensor, OpenFields.Pipeline, OpenFields.Context, OpenFields.Expert, OpenFields.Sharding, OpenFields.Recompute, OpenFields.MicroBatchSize)
            from objective in Gen.Elements(Enum.GetValues<Objective>())
            from pools in Gen.ListOf(Pool)
            from last in Pool
            select new OpenJob(
                new PlanRequest
                {
                    // More at once make more combinations than can be tried in a test.
                    Open = open.Take(2).Aggregate(OpenFields.Data, (all, one) => all | one),
                    Objective = objective,
                    Job = new JobSpec
                    {
                        Model = Model(name),
                        Training = new TrainingSpec { SequenceLength = length, GlobalBatchSize = batch, Framework = framework, Method = method },
                    },
                },
                [.. pools.Take(1).Append(last).Select((pool, i) => pool with { Name = $"pool-{i}" })]);

        private static Gen<Pool> Pool =>
            from product in Gen.Elements(Products)
            from perNode in Gen.Elements(1, 2, 4, 8)
            from nodes in Gen.Choose(1, perNode < 4 ? 6 : 3)
            select new Pool { Name = "", Product = product.Product, UsableMemory = Bytes.FromGiB(product.GiB), Nodes = nodes, GpusPerNode = perNode, PricePerGpuHour = product.Price, NvLinkDomain = product.Product == "NVIDIA-L40S" ? 1 : 8 };
    }
}
