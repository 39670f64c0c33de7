using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Baselines;

/// <summary>
/// The estimators that DeepSpeed ships: <c>estimate_zero2_model_states_mem_needs</c> and <c>estimate_zero3_model_states_mem_needs</c>
/// (deepspeed/runtime/zero/stage_1_and_2.py, stage3.py), with their default factor of 1.5 for buffers on the host. Results in bytes;
/// activations, buckets and the CUDA context are not in them.
/// </summary>
public static class DeepSpeedEstimators
{
    private const double BufferFactor = 1.5;

    /// <summary>ZeRO-2, which its users take for ZeRO-1 and plain data parallelism as well.</summary>
    public static (double Gpu, double Host) Zero2(double parameters, int gpusPerNode, int nodes, bool offloadOptimizer)
    {
        var gpus = (double)gpusPerNode * nodes;
        return offloadOptimizer
            ? (2 * parameters, parameters * Math.Max(4 * gpus, 16) * BufferFactor)
            : (Math.Truncate((2 * parameters) + (18 * parameters / gpus)), parameters * 4 * gpusPerNode * BufferFactor);
    }

    /// <summary>ZeRO-3; host memory is per node.</summary>
    /// <param name="largestLayer">Parameters of the module that holds most of its own, children not counted.</param>
    /// <param name="offloadParameters">Weights and optimizer live on the host.</param>
    /// <param name="zeroInit">Weights are divided as they are made (<c>zero.Init</c>).</param>
    public static (double Gpu, double Host) Zero3(
        double parameters, double largestLayer, int gpusPerNode, int nodes, bool offloadParameters, bool offloadOptimizer, bool zeroInit = true)
    {
        var gpus = (double)gpusPerNode * nodes;
        var largest = 4 * largestLayer;
        if (offloadParameters)
            return (largest, parameters * (zeroInit ? 18.0 / nodes : Math.Max(4.0 * gpusPerNode, 18.0 / nodes)) * BufferFactor);
        if (offloadOptimizer)
            return (Math.Truncate(largest + (2 * parameters / gpus)), parameters * (zeroInit ? 16.0 / nodes : Math.Max(4.0 * gpusPerNode, 16.0 / nodes)) * BufferFactor);
        return (Math.Truncate(largest + (18 * parameters / gpus)), (zeroInit ? largestLayer : parameters) * 4 * gpusPerNode * BufferFactor);
    }

    /// <summary>The estimator for the case's stage; a job that shards nothing is one GPU to it.</summary>
    public static double PerGpu(MeasuredCase item)
    {
        var (sharding, offload, layout) = (item.Sharding, item.Offload, item.Parallel);
        var shards = checked(layout.Data * layout.Context);
        var parameters = (double)item.Model.Parameters / ((double)layout.Tensor * layout.Pipeline);
        var offloadsOptimizer = offload.Optimizer != CaseOffloadTarget.None;
        if (sharding.ZeroStage == 3 || sharding.Fsdp != CaseFsdp.None)
            return Zero3(parameters, LargestModule(item.Model.Architecture), shards, 1, offload.Parameters != CaseOffloadTarget.None, offloadsOptimizer).Gpu;
        return Zero2(parameters, sharding.ZeroStage > 0 ? shards : 1, 1, offloadsOptimizer).Gpu;
    }

    private static double LargestModule(CaseArchitecture model) => (double)model.HiddenSize * Math.Max(model.VocabSize, model.FfnHiddenSize);
}
