using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Planning;

namespace GpuMem.Bench.Plans;

internal static class Requests
{
    /// <summary>A plan that ends with the best pool.</summary>
    public static PlanRequest Fits => Of("meta-llama/Llama-3.1-8B", 8192, Recompute.Full);

    /// <summary>A plan that ends with a search for changes that would make it fit, the longest there is.</summary>
    public static PlanRequest FitsNowhere => Of("meta-llama/Llama-3.1-70B", 131_072, Recompute.None);

    /// <summary>The same search for a job whose author fixed the number of GPUs, as one asks the webhook to admit.</summary>
    public static PlanRequest FixedFitsNowhere => Of("meta-llama/Llama-3.1-8B", 4096, Recompute.None) with { DataIsAuto = false };

    private static PlanRequest Of(string name, long sequenceLength, Recompute recompute)
    {
        if (!ModelCatalogue.TryFind(name, out var model, out var problem))
            throw new InvalidOperationException(problem);
        return new PlanRequest
        {
            DataIsAuto = true,
            Job = new JobSpec
            {
                Model = model,
                Training = new TrainingSpec { SequenceLength = sequenceLength, Recompute = recompute },
                Parallelism = new ParallelismSpec { Sharding = Sharding.Full },
            },
        };
    }
}
