using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Baselines;

/// <summary>
/// Megatron's own report (megatron/training/theoretical_memory_usage.py): states of the most loaded rank, and activations under the
/// assumption of sequence parallelism with selective recomputation (arXiv 2205.05198). Results in bytes; logits are in it for one pipeline stage only.
/// </summary>
public static class MegatronTheory
{
    public static double PerGpu(MeasuredCase item) => States(item) + Activations(item);

    private static double States(MeasuredCase item)
    {
        var (model, layout) = (item.Model.Architecture, item.Parallel);
        var hidden = (double)model.HiddenSize;
        var headWidth = model.HeadDim ?? (hidden / model.Heads);
        var queryRatio = headWidth * model.Heads / hidden;
        var gated = model.GatedMlp ? 1.5 : 1;
        var experts = model.Moe?.Experts ?? 1;
        var width = model.Moe?.ExpertFfnHiddenSize ?? model.FfnHiddenSize;
        var layers = 2 * model.Layers * hidden * hidden
            * (((1 + ((double)model.KvHeads / model.Heads)) * queryRatio) + (width / hidden * experts * gated) + (2 / hidden) + (1 / (model.Layers * hidden)));
        var embedding = hidden * model.VocabSize;
        var perStage = (layers / layout.Pipeline) + (embedding * (!model.TiedEmbeddings && layout.Pipeline == 1 ? 2 : 1));
        var sharded = item.Sharding.DistributedOptimizer || item.Sharding.ZeroStage > 0 || item.Sharding.Fsdp != CaseFsdp.None;
        var perParameter = sharded ? 6 + (12.0 / ((double)layout.Data * layout.Context)) : 18;
        return perStage / layout.Tensor * perParameter;
    }

    private static double Activations(MeasuredCase item)
    {
        var (model, layout, batch) = (item.Model.Architecture, item.Parallel, item.Batch);
        var hidden = (double)model.HiddenSize;
        var tokens = (double)batch.SequenceLength * batch.MicroBatch;
        var stages = layout.Pipeline;
        var size = tokens * hidden * (18 + (4 * model.FfnHiddenSize / hidden)) * model.Layers;

        // Embedding inputs and dropout masks of all micro-batches in flight.
        size += (8 * tokens * stages) + (tokens * hidden * stages);
        if (layout.VirtualStages > 1)
            size *= 1 + ((stages - 1.0) / (stages * layout.VirtualStages));
        else if (stages > 1)
            size *= Math.Min(1, (double)(batch.GradientAccumulation ?? stages) / stages);
        else
            size += tokens * hidden * 4 * (1 + (model.VocabSize / hidden));
        return size / layout.Tensor;
    }
}
