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

        // What is free in a segment serves any size (pytorch c10/cuda/CUDACachingAllocator.cpp, ExpandableSegment). Of runs of Qwen2.5-7B under DeepSpeed that
        // modelscope/ms-swift examples/train reports, processes exceeded what is allocated by 4 to 5 %.
        AllocatorUse.ExpandableSegments => new(4, 10, Cases: 0, Sources: 0),

        // Hardly anything is freed and taken in other sizes. Nobody published what such a run reserves.
        AllocatorUse.Serving => new(2, 5, Cases: 0, Sources: 0),
        _ => new(8, 20, Cases: 40, Sources: 5),
    };

    internal static AllocatorSlack Of(JobSpec job) => Of(UseOf(job));

    internal static AllocatorUse UseOf(JobSpec job)
    {
        var (training, isSharded) = (job.Training, StateRecipe.IsFullySharded(job.Training.Framework, job.Parallelism.Sharding));
        var use = training.Framework switch
        {
            _ when isSharded && job.Parallelism.FsdpVersion == 1 => training.Method == TrainingMethod.Full ? AllocatorUse.FlatParameters : AllocatorUse.FlatParametersWithAdapters,
            _ when isSharded => training.FusedKernels == true ? AllocatorUse.CompiledTensorPerParameter : AllocatorUse.TensorPerParameter,
            TrainingFramework.DeepSpeed => AllocatorUse.DeepSpeed,
            TrainingFramework.Megatron => AllocatorUse.Megatron,
            TrainingFramework.Nanotron => AllocatorUse.Nanotron,
            _ => AllocatorUse.Undivided,
        };
        return training.ExpandableSegments && Of(use).Expected > Of(AllocatorUse.ExpandableSegments).Expected ? AllocatorUse.ExpandableSegments : use;
    }

    internal Explanation Explain(string formula) =>
        new(formula, $"{Expected} % expected, {Upper} % at most", "reserved over allocated memory of published runs (docs/estimation.md, allocator)");

    internal Amount Over(Amount allocated) =>
        new(new Percent(Expected).Of(allocated.Expected), new Percent(Upper).Of(allocated.Upper));
}
