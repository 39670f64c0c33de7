using FsCheck;
using FsCheck.Fluent;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Serving;

namespace GpuMem.Planning.Tests.Serving;

/// <summary>Servers and pools at random, among them some that cannot be.</summary>
public static class RandomServers
{
    public static Arbitrary<ServerCase> Cases => Case.ToArbitrary();

    private static Gen<ServerCase> Case =>
        from server in Server
        from tensor in Gen.Elements(true, false, false)
        from prompt in Gen.Elements(true, false)
        from perPod in Gen.Frequency((5, Gen.Constant<int?>(null)), (2, Gen.Elements<int?>(1, 2, 4, 8)))
        from headroom in Gen.Frequency((5, Gen.Choose(0, 20)), (1, Gen.Elements(-1, 99, 100)))
        from occupied in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 100)))
        from named in Gen.Elements(true, false, false)
        from pools in Gen.ListOf(Random.Pools.Generator)
        select new ServerCase(
            new ServerRequest
            {
                Spec = server,
                BatchedTokensAreAuto = tensor,
                TensorIsAuto = tensor,
                PromptIsStated = prompt,
                GpusPerPod = perPod,
                HeadroomPercent = headroom,
                OccupiedMemory = Bytes.FromGiB(occupied),
                Pools = named ? ["pool-0", "gone"] : [],
            },
            [.. pools.Select((pool, i) => pool with { Name = $"pool-{i}" })]);

    private static Gen<InferenceSpec> Server =>
        from model in Gen.Elements(ModelCatalogue.All.AsEnumerable())
        from engine in Gen.Elements(Enum.GetValues<InferenceEngine>())
        from length in Gen.Frequency((9, Gen.Choose(1, 512).Select(n => 256L * n)), (1, Gen.Elements(0L, JobLimits.MaxSequenceLength, long.MaxValue)))
        from output in Gen.Elements(0L, 0L, 100L, 4096L)
        from batch in Gen.Frequency((9, Gen.Choose(1, 64).Select(n => (long)n)), (1, Gen.Elements(0L, JobLimits.MaxMicroBatchSize)))
        from tensor in Gen.Elements(1, 1, 2, 4, 8, 3)
        from pipeline in Gen.Elements(1, 1, 1, 2)
        from cache in Gen.Elements(KeyValueCacheType.BF16, KeyValueCacheType.FP8)
        from share in Gen.Elements<decimal?>(null, null, 0.5m, 0.95m, 1.5m)
        select new InferenceSpec
        {
            Model = model,
            Engine = engine,
            InputLength = length,
            OutputLength = output,
            Batch = batch,
            Tensor = tensor,
            Pipeline = pipeline,
            KvCacheDtype = cache,
            MemoryFraction = share,
        };
}

/// <summary>A question and the pools it is asked of.</summary>
public sealed record ServerCase(ServerRequest Request, IReadOnlyList<Pool> Pools);
