using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation;

namespace GpuMem.Planning.Tests;

/// <summary>Jobs that several tests start from, and what the engine says of them.</summary>
internal static class Jobs
{
    public static ModelArchitecture Llama8B { get; } = Find("meta-llama/Llama-3.1-8B");

    public static ModelArchitecture Llama70B { get; } = Find("meta-llama/Llama-3.1-70B");

    /// <summary>Fully sharded full fine-tuning, with something left to save by most knobs.</summary>
    public static JobSpec Sharded { get; } = new()
    {
        Model = Llama8B,
        Training = new TrainingSpec { SequenceLength = 8192, MicroBatchSize = 4 },
        Parallelism = new ParallelismSpec { Sharding = Sharding.Full },
    };

    public static JobSpec WithData(this JobSpec job, int data) => job with { Parallelism = job.Parallelism with { Data = data } };

    public static JobSpec WithTensor(this JobSpec job, int tensor) => job with { Parallelism = job.Parallelism with { Tensor = tensor } };

    public static JobSpec Training(this JobSpec job, Func<TrainingSpec, TrainingSpec> turn) => job with { Training = turn(job.Training) };

    public static JobSpec Parallelism(this JobSpec job, Func<ParallelismSpec, ParallelismSpec> turn) => job with { Parallelism = turn(job.Parallelism) };

    public static PlanRequest Auto(this JobSpec job) => new() { Job = job, DataIsAuto = true };

    public static PlanRequest Fixed(this JobSpec job) => new() { Job = job };

    public static Estimate Estimate(this JobSpec job) => MemoryEstimator.Estimate(job);

    private static ModelArchitecture Find(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);
}
