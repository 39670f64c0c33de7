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
}
