using FsCheck.Fluent;
using FsCheck;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation;

namespace GpuMem.Planning.Tests;

/// <summary>Jobs and pools at random, among them some that cannot be.</summary>
public static class Random
{
    public static Arbitrary<Case> Cases => Case.ToArbitrary();

    public static Arbitrary<Pool> Pools => Pool.ToArbitrary();

    private static Gen<Case> Case =>
        from job in Job
        from auto in Gen.Elements(true, false)
        from perNode in Gen.Frequency((4, Gen.Constant<int?>(null)), (2, Gen.Elements<int?>(1, 2, 4, 8)), (1, Gen.Elements<int?>(3, 16, 0, -1, int.MaxValue)))
        from objective in Gen.Elements(Enum.GetValues<Objective>())
        from headroom in Gen.Frequency((5, Gen.Choose(0, 20)), (1, Gen.Elements(-1, 99, 100)))
        from named in Gen.Elements(true, false, false)
        from pools in Gen.ListOf(Pool)
        select new Case(
            new PlanRequest
            {
                Job = job,
                DataIsAuto = auto,
                GpusPerNode = perNode,
                Objective = objective,
                HeadroomPercent = headroom,
                Pools = named ? [.. pools.Take(2).Select((_, i) => $"pool-{i}"), "gone"] : [],
            },
            [.. pools.Select((pool, i) => pool with { Name = $"pool-{i}" })]);

    private static Gen<Pool> Pool =>
        from memory in Gen.Frequency((6, Gen.Choose(1, 300).Select(gib => (Bytes?)Bytes.FromGiB(gib))), (1, Gen.Elements<Bytes?>(null, Bytes.Zero, new Bytes(long.MaxValue))))
        from nodes in Gen.Choose(0, 6)
        from maxNodes in Gen.Elements<int?>(null, null, 0, 8)
        from mayGrow in Gen.Elements(true, false)
        from perNode in Gen.Elements(1, 2, 3, 4, 8, 16)
        from price in Gen.Elements<decimal?>(null, 0, 1.5m, 4)
        from largest in Gen.Elements<int?>(null, null, null, 400)
        select new Pool
        {
            Name = "pool",
            Product = "GPU",
            UsableMemory = memory,
            LargestMemory = largest is { } gib ? Bytes.FromGiB(gib) : null,
            Heterogeneous = largest is not null,
            Nodes = nodes,
            MaxNodes = maxNodes,
            MayGrow = mayGrow,
            GpusPerNode = perNode,
            PricePerGpuHour = price,
        };

    private static Gen<JobSpec> Job =>
        from model in Gen.Elements(ModelCatalogue.All.AsEnumerable())
        from training in Training
        from parallelism in Parallelism
        select new JobSpec { Model = model, Training = training, Parallelism = parallelism };

    private static Gen<TrainingSpec> Training =>
        from method in Gen.Elements(Enum.GetValues<TrainingMethod>())
        from framework in Gen.Elements(Enum.GetValues<TrainingFramework>())
        from optimizer in Gen.Elements(Enum.GetValues<Optimizer>())
        from length in Gen.Frequency((9, Gen.Choose(1, 64).Select(n => 256L * n)), (1, Gen.Elements(0L, JobLimits.MaxSequenceLength, long.MaxValue)))
        from micro in Gen.Frequency((9, Gen.Choose(1, 16).Select(n => (long)n)), (1, Gen.Elements(0L, JobLimits.MaxMicroBatchSize)))
        from global in Gen.Frequency((6, Gen.Constant<long?>(null)), (3, Gen.Elements<long?>(64, 96, 128, 7)), (1, Gen.Elements<long?>(0, -1, long.MaxValue)))
        from recompute in Gen.Elements(Enum.GetValues<Recompute>())
        from attention in Gen.Elements(Enum.GetValues<AttentionKernel>())
        from loss in Gen.Elements(Enum.GetValues<LossKernel>())
        select new TrainingSpec
        {
            Method = method,
            Framework = framework,
            Optimizer = optimizer,
            SequenceLength = length,
            MicroBatchSize = micro,
            GlobalBatchSize = global,
            Recompute = recompute,
            Attention = attention,
            Loss = loss,
            Lora = method == TrainingMethod.Full ? null : new LoraSpec(),
        };

    private static Gen<ParallelismSpec> Parallelism =>
        from tensor in Gen.Elements(1, 1, 1, 2, 4, 8, 16)
        from pipeline in Gen.Elements(1, 1, 1, 2, 4)
        from context in Gen.Elements(1, 1, 1, 2)
        from data in Gen.Frequency((9, Gen.Elements(1, 2, 3, 4, 6, 8, 16, 64)), (1, Gen.Elements(0, -1, int.MaxValue)))
        from sharding in Gen.Elements(Enum.GetValues<Sharding>())
        select new ParallelismSpec { Tensor = tensor, Pipeline = pipeline, Context = context, Data = data, Sharding = sharding };
}

/// <summary>A question and the pools it is asked of.</summary>
public sealed record Case(PlanRequest Request, IReadOnlyList<Pool> Pools);
