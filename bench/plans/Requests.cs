using GpuMem.Catalogues.Models;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Planning;
using GpuMem.Planning.Search;
using GpuMem.Planning.Serving;

namespace GpuMem.Bench.Plans;

internal static class Requests
{
    /// <summary>A plan that ends with the best pool.</summary>
    public static PlanRequest Fits => Of("meta-llama/Llama-3.1-8B", 8192, Recompute.Full);

    /// <summary>A plan that ends with a search for changes that would make it fit, the longest there is.</summary>
    public static PlanRequest FitsNowhere => Of("meta-llama/Llama-3.1-70B", 131_072, Recompute.None);

    /// <summary>The same search for a job whose author fixed the number of GPUs, as one asks the webhook to admit.</summary>
    public static PlanRequest FixedFitsNowhere => Of("meta-llama/Llama-3.1-8B", 4096, Recompute.None) with { DataIsAuto = false };

    /// <summary>A job whose layout and settings are all left open.</summary>
    public static PlanRequest Open => OfOpen("meta-llama/Llama-3.1-70B", 8192);

    /// <summary>The same of one that fits nowhere, whatever is chosen: the whole search, and one for changes behind it.</summary>
    public static PlanRequest OpenFitsNowhere => OfOpen("meta-llama/Llama-3.1-70B", 4_194_304);

    /// <summary>A server whose engine does not start on any of the pools as it is.</summary>
    public static ServerRequest Server => new()
    {
        Spec = new InferenceSpec { Model = Model("meta-llama/Llama-3.1-70B"), InputLength = 131_072, Batch = 8 },
        BatchedTokensAreAuto = true,
    };

    private static PlanRequest OfOpen(string model, long sequenceLength) => new()
    {
        Open = OpenFields.Data | OpenFields.Tensor | OpenFields.Pipeline | OpenFields.Context | OpenFields.Sharding | OpenFields.Recompute | OpenFields.MicroBatchSize,
        Job = new JobSpec
        {
            Model = Model(model),
            Training = new TrainingSpec { SequenceLength = sequenceLength, GlobalBatchSize = 256, Framework = TrainingFramework.Megatron },
        },
    };

    private static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);

    private static PlanRequest Of(string name, long sequenceLength, Recompute recompute)
    {
        return new PlanRequest
        {
            DataIsAuto = true,
            Job = new JobSpec
            {
                Model = Model(name),
                Training = new TrainingSpec { SequenceLength = sequenceLength, Recompute = recompute },
                Parallelism = new ParallelismSpec { Sharding = Sharding.Full },
            },
        };
    }
}
