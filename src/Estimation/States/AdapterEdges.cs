namespace GpuMem.Estimation.States;

/// <summary>Sums of inputs and outputs over adapted matrices.</summary>
internal struct AdapterEdges
{
    public long Length;
    public long Count;
    /// <summary>The part on routed experts.</summary>
    public long ExpertLength;
    public long ExpertCount;

    public void Add(long inputAndOutput, long times)
    {
        checked
        {
            Length += inputAndOutput * times;
            Count += times;
        }
    }

    public void Add(in AdapterEdges layer, long layers)
    {
        checked
        {
            Length += layer.Length * layers;
            Count += layer.Count * layers;
            ExpertLength += layer.ExpertLength * layers;
            ExpertCount += layer.ExpertCount * layers;
        }
    }

    public void AddAttention(ModelArchitecture model, in RankShape shape, LoraTargets targets, long times)
    {
        checked
        {
            var (hidden, query, keyValue) = (shape.Hidden, shape.Query, shape.KeyValue);
            if (model.Latent is { } latent)
                AddLatent(latent, shape, targets, times);
            else
            {
                AddIf(targets, LoraTargets.Query, hidden + query, times);
                AddIf(targets, LoraTargets.Key, hidden + keyValue, times);
                AddIf(targets, LoraTargets.Value, hidden + keyValue, times);
                AddIf(targets, LoraTargets.FusedQueryKeyValue, hidden + query + (2 * keyValue), times);
            }

            AddIf(targets, LoraTargets.Output, shape.AttentionOutput + hidden, times);
        }
    }

    /// <summary>Queries pass two matrices when they have a rank; keys and values always do: the first goes with k, the second with v.</summary>
    private void AddLatent(LatentAttention latent, in RankShape shape, LoraTargets targets, long times)
    {
        checked
        {
            if (latent.QueryRank > 0)
                AddIf(targets, LoraTargets.Query, shape.Hidden + latent.QueryRank, times);
            AddIf(targets, LoraTargets.Query, (latent.QueryRank > 0 ? latent.QueryRank : shape.Hidden) + shape.Query, times);
            AddIf(targets, LoraTargets.Key, shape.Hidden + latent.CachedWidth, times);
            AddIf(targets, LoraTargets.Value, latent.KeyValueRank + (shape.Heads * ((long)latent.PlainHeadDimension + latent.ValueHeadDimension)), times);
        }
    }

    public void AddFeedForward(ModelArchitecture model, long hidden, long width, LoraTargets targets, long times)
    {
        checked
        {
            if (model.GatedFeedForward)
                AddIf(targets, LoraTargets.Gate, hidden + width, times);
            AddIf(targets, LoraTargets.Up, hidden + width, times);
            AddIf(targets, LoraTargets.Down, width + hidden, times);
            AddIf(targets, LoraTargets.FusedGateUp, hidden + (2 * width), times);
        }
    }

    /// <summary>A feed-forward whose adapters expert parallelism divides.</summary>
    public void AddExperts(ModelArchitecture model, in RankShape shape, LoraTargets targets)
    {
        var (length, count) = (Length, Count);
        AddFeedForward(model, shape.Hidden, shape.ExpertSize, targets, shape.Experts);
        (ExpertLength, ExpertCount) = (Length - length, Count - count);
    }

    private void AddIf(LoraTargets targets, LoraTargets target, long inputAndOutput, long times)
    {
        if ((targets & target) != LoraTargets.None)
            Add(inputAndOutput, times);
    }
}
