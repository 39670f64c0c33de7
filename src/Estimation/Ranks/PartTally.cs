namespace GpuMem.Estimation.Ranks;

/// <summary>Weights of linear layers of one part of a model on one rank: what a checkpoint may store in a format of its own.</summary>
internal static class PartTally
{
    /// <param name="model">The model.</param>
    /// <param name="shape">What the rank holds of each width.</param>
    /// <param name="part">A part that lies in layers.</param>
    /// <param name="layers">The layers asked about.</param>
    public static long Of(ModelArchitecture model, in RankShape shape, ModelPart part, in PipelineStage layers)
    {
        checked
        {
            if (model.Parts is { } parts)
                return Of(parts, shape, part, layers);
            var counts = LayerCounts.Of(model, layers);
            return part switch
            {
                // A decoder beside an encoder attends twice.
                ModelPart.Attention => LayerTally.Attention(model, shape).Matrices * (counts.Experts + counts.Encoder + (counts.Dense * (model.EncoderLayers > 0 ? 2 : 1))),
                ModelPart.FeedForward => LayerTally.FeedForward(model, shape.Hidden, shape.FeedForward, biases: false).Matrices * (counts.Dense + counts.Encoder + counts.StateSpace),
                ModelPart.RoutedExperts when counts.Experts > 0 => LayerTally.Expert(model, shape).Matrices * shape.Experts * counts.Experts,
                ModelPart.SharedExperts when counts.Experts > 0 => LayerTally.FeedForward(model, shape.Hidden, shape.SharedSize, biases: false).Matrices * counts.Experts,
                ModelPart.Router when counts.Experts > 0 => shape.Hidden * (model.Experts!.Count + (model.Experts.SharedGate ? 1 : 0)) * counts.Experts,
                ModelPart.Recurrence when counts.StateSpace > 0 => LayerTally.Recurrence(model, shape).Matrices * counts.StateSpace,
                _ => 0,
            };
        }
    }

    /// <summary>The same of a model that is counted layer by layer.</summary>
    private static long Of(ModelParts parts, in RankShape shape, ModelPart part, in PipelineStage layers)
    {
        checked
        {
            var sum = 0L;
            for (var index = layers.Start; index < layers.Start + layers.Layers;)
            {
                var (layer, end) = (parts.Layers[(int)index], index + 1);
                while (end < layers.Start + layers.Layers && ReferenceEquals(parts.Layers[(int)end], layer))
                    end++;
                sum += Of(layer, shape, part) * (end - index);
                index = end;
            }
            return sum;
        }
    }

    private static long Of(LayerParts layer, in RankShape shape, ModelPart part) => checked(part switch
    {
        ModelPart.FeedForward => Ratio.DivideUp(layer.FeedForward, shape.Tensor),
        ModelPart.SharedExperts => Ratio.DivideUp(layer.SharedExperts, shape.Tensor),
        ModelPart.Router => layer.Plain,
        ModelPart.RoutedExperts => layer.Experts == 0 ? 0 : (Ratio.DivideUp(layer.Expert.Divided, shape.ExpertTensor) + layer.Expert.Whole) * Ratio.DivideUp(layer.Experts, shape.ExpertParallel),
        ModelPart.Attention when !layer.IsRecurrent => Mixer(layer, shape),
        ModelPart.Recurrence when layer.IsRecurrent => Mixer(layer, shape),
        _ => 0,
    });

    /// <summary>What a layer has beside its feed-forward. What is divided is rounded up once, as the whole layer is.</summary>
    private static long Mixer(LayerParts layer, in RankShape shape)
    {
        var (dense, shared) = (Ratio.DivideUp(layer.FeedForward, shape.Tensor), Ratio.DivideUp(layer.SharedExperts, shape.Tensor));
        return checked(Math.Max(0, Ratio.DivideUp(layer.Sizes.Divided, shape.Tensor) - dense - shared) + layer.Sizes.Whole - layer.Plain);
    }
}
