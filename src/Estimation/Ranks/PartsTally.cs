namespace GpuMem.Estimation.Ranks;

/// <summary>Parameters of one rank of a model that is counted layer by layer.</summary>
internal static class PartsTally
{
    /// <summary>All layers of a stage, and the largest of them.</summary>
    public static (ParameterTally Sum, ParameterTally Largest) Of(ModelParts parts, in PipelineStage stage, in RankShape shape)
    {
        var (sum, largest) = (default(ParameterTally), default(ParameterTally));
        for (var index = stage.Start; index < stage.Start + stage.Layers;)
        {
            // Equal layers in a row are counted once.
            var (layer, end) = (parts.Layers[(int)index], index + 1);
            while (end < stage.Start + stage.Layers && ReferenceEquals(parts.Layers[(int)end], layer))
                end++;
            var one = Of(layer, shape);
            sum += one * (end - index);
            if (one.Total > largest.Total)
                largest = one;
            index = end;
        }
        return (sum, largest);
    }

    /// <summary>One layer.</summary>
    public static ParameterTally Of(LayerParts layer, in RankShape shape)
    {
        var all = Of(layer.Sizes, shape.Tensor);
        if (layer.Experts == 0)
            return all;
        var experts = Of(layer.Expert, shape.ExpertTensor) * Ratio.DivideUp(layer.Experts, shape.ExpertParallel);
        return all + experts with { Experts = new ExpertPart(experts.Total, experts.Vectors, experts.RowsAndColumns) };
    }

    /// <summary>What lies before the first and after the last layer.</summary>
    public static ParameterTally Ends(ModelParts parts, in PipelineStage stage, in RankShape shape)
    {
        var ends = stage.IsFirst ? Of(parts.Start, shape.Tensor) : default;
        if (stage.IsLast)
            ends += Of(parts.End, shape.Tensor);

        // With a pipeline, the last stage keeps a copy of a tied embedding.
        return stage.IsLast && !stage.IsFirst ? ends + new ParameterTally(Ratio.DivideUp(parts.TiedHead, shape.Tensor), 0, 0, 0, 0) : ends;
    }

    private static ParameterTally Of(in PartSizes sizes, int tensor)
    {
        checked
        {
            var (matrices, tables, head) = (Ratio.DivideUp(sizes.Divided, tensor) + sizes.Whole, Ratio.DivideUp(sizes.Tables, tensor), Ratio.DivideUp(sizes.Head, tensor));
            return new(matrices + sizes.Vectors + tables + head, matrices, sizes.Vectors, tables, Ratio.DivideUp(sizes.RowsAndColumns, tensor));
        }
    }
}
