namespace GpuMem.Estimation.Calibration;

/// <summary>What the caching allocator reserves beyond what is used, in percent, read off published runs (docs/accuracy.md).</summary>
/// <param name="Expected">The share of a usual run.</param>
/// <param name="Upper">The share that a run is very unlikely to exceed.</param>
/// <param name="Cases">How many runs of which reserved or process memory was published stand behind the figures.</param>
/// <param name="Sources">How many publishers these runs come from.</param>
public readonly record struct AllocatorSlack(int Expected, int Upper, int Cases, int Sources)
{
    /// <summary>The table of all uses; a test counts cases and sources again.</summary>
    public static AllocatorSlack Of(AllocatorUse use) => use switch
    {
        // Flat parameters and DeepSpeed's buckets are buffers of many sizes, which the allocator keeps apart. Too few runs tell the first and the last alone:
        // these two are what the runs of all three say together, 16 of 4 publishers.
        AllocatorUse.FlatParameters => new(25, 30, Cases: 2, Sources: 1),
        AllocatorUse.FlatParametersWithAdapters => new(20, 30, Cases: 11, Sources: 2),
        AllocatorUse.DeepSpeed => new(25, 30, Cases: 3, Sources: 2),

        // Equal sizes come again and again.
        AllocatorUse.TensorPerParameter => new(2, 12, Cases: 17, Sources: 1),
        AllocatorUse.CompiledTensorPerParameter => new(1, 12, Cases: 17, Sources: 1),

        // Contiguous buffers are made once.
        AllocatorUse.Megatron => new(5, 12, Cases: 8, Sources: 1),
        AllocatorUse.Nanotron => new(2, 10, Cases: 8, Sources: 1),

        // Hardly anything is freed and taken in other sizes. Nobody published what such a run reserves.
        AllocatorUse.Serving => new(2, 5, Cases: 0, Sources: 0),
        _ => new(8, 20, Cases: 40, Sources: 5),
    };

    internal static AllocatorSlack Of(JobSpec job) => Of(UseOf(job));

    internal static AllocatorUse UseOf(JobSpec job)
    {
        var (training, parallelism) = (job.Training, job.Parallelism);
        if (!StateRecipe.IsFullySharded(training.Framework, parallelism.Sharding))
        {
            return training.Framework switch
            {
                TrainingFramework.DeepSpeed => AllocatorUse.DeepSpeed,
                TrainingFramework.Megatron => AllocatorUse.Megatron,
                TrainingFramework.Nanotron => AllocatorUse.Nanotron,
                _ => AllocatorUse.Undivided,
            };
        }

        if (parallelism.FsdpVersion == 1)
            return training.Method == TrainingMethod.Full ? AllocatorUse.FlatParameters : AllocatorUse.FlatParametersWithAdapters;
        return training.FusedKernels == true ? AllocatorUse.CompiledTensorPerParameter : AllocatorUse.TensorPerParameter;
    }

    internal Explanation Explain(string formula) =>
        new(formula, $"{Expected} % expected, {Upper} % at most", "reserved over allocated memory of published runs (docs/estimation.md, allocator)");

    internal Amount Over(Amount allocated) =>
        new(new Percent(Expected).Of(allocated.Expected), new Percent(Upper).Of(allocated.Upper));
}
