namespace GpuMem.Estimation.Ranks;

/// <summary>The layers that one pipeline rank holds, from <paramref name="Start"/> on; an uneven split gives the first stages one more (arXiv 2104.04473).</summary>
internal readonly record struct PipelineStage(int Index, int Count, long Start, long Layers)
{
    public bool IsFirst => Index == 0;

    public bool IsLast => Index == Count - 1;

    public static PipelineStage Whole(ModelArchitecture model) => new(0, 1, 0, LayersOf(model));

    public static PipelineStage Of(ModelArchitecture model, int index, int count)
    {
        var (each, more) = count == 1 ? (LayersOf(model), 0) : Math.DivRem(LayersOf(model), count);
        return new(index, count, (index * each) + Math.Min(index, more), each + (index < more ? 1 : 0));
    }

    /// <summary>As the job says, else as the framework divides the layers.</summary>
    public static PipelineStage Of(JobSpec job, int index) => job switch
    {
        { Parallelism.Pipeline: > 1, Parallelism: { FirstStageLayers: not null } or { LastStageLayers: not null } } => AsSaid(job, index),
        { Training.Framework: TrainingFramework.Nanotron, Parallelism.Pipeline: > 1 } => ByCost(job.Model, index, job.Parallelism.Pipeline),
        _ => Of(job.Model, index, job.Parallelism.Pipeline),
    };

    /// <summary>The stages between those of which it is said share the rest evenly (Megatron-LM core/transformer/transformer_block.py, get_num_layers_to_build).</summary>
    private static PipelineStage AsSaid(JobSpec job, int index)
    {
        var (layout, layers) = (job.Parallelism, LayersOf(job.Model));
        var (first, last, count) = (layout.FirstStageLayers, layout.LastStageLayers, layout.Pipeline);
        if (index == count - 1 && last is { } end)
            return new(index, count, layers - end, end);
        if (first is { } start)
            return index == 0 ? new(index, count, 0, start) : Between(index - 1, count - 1);
        return Between(index, count);

        PipelineStage Between(int position, int stages)
        {
            var (each, more) = Math.DivRem(layers - (first ?? 0) - (last ?? 0), stages - (last is null ? 0 : 1));
            return new(index, count, (first ?? 0) + (position * each) + Math.Min(position, more), each + (position < more ? 1 : 0));
        }
    }

    /// <summary>
    /// Whether it may be the most loaded. A stage between the first and the last holds no more than the one before it, with neither embedding nor head and
    /// no more micro-batches in flight, unless it has more layers of some kind, such as those with experts behind the dense ones of DeepSeek V3
    /// (first_k_dense_replace), or layers that are told one by one.
    /// </summary>
    /// <param name="model">What is divided.</param>
    /// <param name="before">The stage before it; of the first anything.</param>
    public bool MayBeMostLoaded(ModelArchitecture model, in PipelineStage before)
    {
        if (IsFirst || IsLast || model.Parts is not null)
            return true;
        var (there, here) = (LayerCounts.Of(model, before), LayerCounts.Of(model, this));
        return here.Dense > there.Dense || here.Experts > there.Experts || here.Encoder > there.Encoder || here.StateSpace > there.StateSpace;
    }

    /// <summary>
    /// Stages of equal cost: the output matrix costs what it multiplies, so that the stage which has it gets fewer layers and the first ones more
    /// (huggingface/nanotron models/base.py, models/llama.py get_block_compute_costs).
    /// </summary>
    public static PipelineStage ByCost(ModelArchitecture model, int index, int count)
    {
        checked
        {
            var layers = LayersOf(model);
            var layer = model.HiddenSize * ((4L * model.AttentionHeads * model.HeadDimension) + (3 * model.FeedForwardSize));
            var each = Math.Min(layers, Ratio.DivideUp((layers * layer) + (model.VocabularySize * model.HiddenSize), count * layer));
            var start = Math.Min(layers, index * each);
            return new(index, count, start, index == count - 1 ? layers - start : Math.Min(each, layers - start));
        }
    }

    /// <summary>Micro-batches whose activations are alive at once (arXiv 2104.04473, section 2.2).</summary>
    /// <param name="microBatches">Micro-batches per step; null when unknown, then the schedule is taken to be full.</param>
    public Ratio InFlight(ParallelismSpec parallelism, long? microBatches)
    {
        var most = microBatches ?? long.MaxValue;
        switch (parallelism.Schedule)
        {
            case PipelineSchedule.GPipe:
                return Ratio.Whole(microBatches ?? Count);
            case PipelineSchedule.Interleaved when parallelism.VirtualStages > 1:
                // Chunks, each a part of the stage's layers, that a rank runs forward before its first backward (Megatron-LM core/pipeline_parallel/schedules.py).
                long parts = parallelism.VirtualStages;
                var chunks = checked((2L * (Count - Index - 1)) + ((parts - 1) * Count) + 1);
                return new Ratio(most <= chunks / parts ? checked(most * parts) : chunks, parts);
            default:
                return Ratio.Whole(Math.Min(most, Count - Index));
        }
    }

    private static long LayersOf(ModelArchitecture model) => (long)model.EncoderLayers + model.Layers;
}
