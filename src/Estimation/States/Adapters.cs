namespace GpuMem.Estimation.States;

/// <summary>Low-rank adapters of one rank: two matrices of r × in and out × r per target (arXiv 2106.09685).</summary>
internal static class Adapters
{
    /// <summary>Parameters, all of them matrices. The side towards the hidden size is whole on every tensor-parallel rank.</summary>
    public static ParameterTally Of(ModelArchitecture model, in PipelineStage stage, in RankShape shape, LoraTargets targets, long rank)
    {
        checked
        {
            var counts = LayerCounts.Of(model, stage);
            var sum = default(AdapterEdges);
            for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
            {
                if (counts[kind] > 0)
                    sum.Add(OfLayer(model, shape, targets, kind), counts[kind]);
            }

            if (stage.IsLast && (targets & LoraTargets.Head) != LoraTargets.None)
                sum.Add(shape.Hidden + shape.Vocabulary, 1);
            var parameters = rank * sum.Length;
            return new ParameterTally(parameters, parameters, 0, 0, sum.Length + (2 * rank * sum.Count),
                new ExpertPart(rank * sum.ExpertLength, 0, sum.ExpertLength + (2 * rank * sum.ExpertCount)));
        }
    }

    private static AdapterEdges OfLayer(ModelArchitecture model, in RankShape shape, LoraTargets targets, LayerKind kind)
    {
        var edges = default(AdapterEdges);
        if (kind != LayerKind.StateSpace)
            edges.AddAttention(model, shape, targets, times: kind == LayerKind.Dense && model.EncoderLayers > 0 ? 2 : 1);
        if (kind == LayerKind.Experts)
        {
            edges.AddExperts(model, shape, targets);
            edges.AddFeedForward(model, shape.Hidden, shape.SharedSize, targets, shape.SharedSize > 0 ? 1 : 0);
        }
        else
            edges.AddFeedForward(model, shape.Hidden, shape.FeedForward, targets, shape.FeedForward > 0 ? 1 : 0);
        return edges;
    }

    /// <summary>Elements that adapters keep per token and layer for their own backward: the input of each target; a shared input counts once when it needs no cast.</summary>
    public static (long Hidden, long Local) KeptInputs(in RankShape shape, LoraTargets targets, long width, bool castPerModule)
    {
        var attention = targets & (LoraTargets.Query | LoraTargets.Key | LoraTargets.Value | LoraTargets.FusedQueryKeyValue);
        var feedForward = targets & (LoraTargets.Gate | LoraTargets.Up | LoraTargets.FusedGateUp);
        var copies = castPerModule
            ? int.PopCount((int)attention) + int.PopCount((int)feedForward)
            : (attention != LoraTargets.None ? 1 : 0) + (feedForward != LoraTargets.None ? 1 : 0);
        var local = ((targets & LoraTargets.Output) != LoraTargets.None ? shape.AttentionOutput : 0) + ((targets & LoraTargets.Down) != LoraTargets.None ? width : 0);
        return (copies * shape.Hidden, local);
    }
}
