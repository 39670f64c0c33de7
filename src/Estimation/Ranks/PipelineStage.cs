using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Ranks;

/// <summary>The layers that one pipeline rank holds; an uneven split gives the first stages one more (arXiv 2104.04473).</summary>
internal readonly record struct PipelineStage(int Index, int Count, long Layers)
{
    public bool IsFirst => Index == 0;

    public bool IsLast => Index == Count - 1;

    public static PipelineStage Whole(ModelArchitecture model) => new(0, 1, model.Layers);

    public static PipelineStage Of(ModelArchitecture model, int index, int count) =>
        new(index, count, (model.Layers / count) + (index < model.Layers % count ? 1 : 0));

    /// <summary>Micro-batches whose activations are alive at once: the one-forward-one-backward schedule (arXiv 2104.04473, section 2.2).</summary>
    /// <param name="microBatches">Micro-batches per step; null when unknown, then the schedule is taken to be full.</param>
    public long InFlight(long? microBatches) => Math.Min(microBatches ?? long.MaxValue, Count - Index);
}
