using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Low-rank adapters of one rank: two matrices of r × in and out × r per target (arXiv 2106.09685).</summary>
internal static class Adapters
{
    /// <summary>Parameters, all of them matrices. The side towards the hidden size is whole on every tensor-parallel rank.</summary>
    public static ParameterTally Of(ModelArchitecture model, in PipelineStage stage, in RankShape shape, LoraTargets targets, long rank)
    {
        checked
        {
            var (hidden, query, keyValue, width) = (shape.Hidden, shape.Query, shape.KeyValue, shape.FeedForward);
            var (edges, count) = (0L, 0L);
            Add(LoraTargets.Query, hidden + query);
            Add(LoraTargets.Key, hidden + keyValue);
            Add(LoraTargets.Value, hidden + keyValue);
            Add(LoraTargets.Output, query + hidden);
            if (model.GatedFeedForward)
                Add(LoraTargets.Gate, hidden + width);
            Add(LoraTargets.Up, hidden + width);
            Add(LoraTargets.Down, width + hidden);
            Add(LoraTargets.FusedQueryKeyValue, hidden + query + (2 * keyValue));
            Add(LoraTargets.FusedGateUp, hidden + (2 * width));
            (edges, count) = (edges * stage.Layers, count * stage.Layers);
            if (stage.IsLast)
                Add(LoraTargets.Head, hidden + shape.Vocabulary);

            var parameters = rank * edges;
            return new ParameterTally(parameters, parameters, 0, 0, edges + (2 * rank * count));

            void Add(LoraTargets target, long inputAndOutput)
            {
                if ((targets & target) == 0)
                    return;
                edges += inputAndOutput;
                count++;
            }
        }
    }

    /// <summary>Elements that adapters keep per token and layer for their own backward: the input of each target; a shared input counts once when it needs no cast.</summary>
    public static (long Hidden, long Local) KeptInputs(in RankShape shape, LoraTargets targets, bool castPerModule)
    {
        var attention = targets & (LoraTargets.Query | LoraTargets.Key | LoraTargets.Value | LoraTargets.FusedQueryKeyValue);
        var feedForward = targets & (LoraTargets.Gate | LoraTargets.Up | LoraTargets.FusedGateUp);
        var copies = castPerModule
            ? int.PopCount((int)attention) + int.PopCount((int)feedForward)
            : (attention != 0 ? 1 : 0) + (feedForward != 0 ? 1 : 0);
        var local = ((targets & LoraTargets.Output) != 0 ? shape.Query : 0) + ((targets & LoraTargets.Down) != 0 ? shape.FeedForward : 0);
        return (copies * shape.Hidden, local);
    }
}
