using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Ranks;

/// <summary>The layers that one pipeline rank holds, from <paramref name="Start"/> on; an uneven split gives the first stages one more (arXiv 2104.04473).</summary>
internal readonly record struct PipelineStage(int Index, int Count, long Start, long Layers)
{
    public bool IsFirst => Index == 0;

    public bool IsLast => Index == Count - 1;

    public static PipelineStage Whole(ModelArchitecture model) => new(0, 1, 0, LayersOf(model));

    public static PipelineStage Of(ModelArchitecture model, int index, int count)
    {
        var (each, more) = Math.DivRem(LayersOf(model), count);
        return new(index, count, (index * each) + Math.Min(index, more), each + (index < more ? 1 : 0));
    }

    /// <summary>Micro-batches whose activations are alive at once: the one-forward-one-backward schedule (arXiv 2104.04473, section 2.2).</summary>
    /// <param name="microBatches">Micro-batches per step; null when unknown, then the schedule is taken to be full.</param>
    public long InFlight(long? microBatches) => Math.Min(microBatches ?? long.MaxValue, Count - Index);

    private static long LayersOf(ModelArchitecture model) => (long)model.EncoderLayers + model.Layers;
}
