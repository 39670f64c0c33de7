namespace GpuMem.Estimation.Buffers;

/// <summary>Pinned host memory through which offloaded tensors pass (DeepSpeed runtime/zero/offload_config.py; ZeRO-Infinity, arXiv 2104.07857, section 6).</summary>
internal static class StagingBuffers
{
    // offload_param: buffer_count and buffer_size in elements; max_in_cpu is what NVMe leaves in host memory.
    private const long ParameterBuffers = 5;
    private const long ParameterBuffer = 100_000_000;
    private const long ParametersInHost = 1_000_000_000;

    // offload_optimizer: buffer_count, each as large as the largest state that is fetched for a step.
    private const long OptimizerBuffers = 4;

    public static OffGpu Of(in RankContext rank)
    {
        var (training, offload) = (rank.Training, rank.Training.Offload);
        if (training.Framework != TrainingFramework.DeepSpeed)
            return default;
        checked
        {
            var host = 0L;
            if (offload.Parameters != OffloadTarget.None)
                host += rank.Recipe.Compute * ParameterBuffers * Math.Min(ParameterBuffer, rank.Base.Total);
            if (offload.Parameters == OffloadTarget.NVMe)
                host += rank.Recipe.Compute * Math.Min(ParametersInHost, rank.Base.Total / rank.Shards);
            if (offload.Optimizer == OffloadTarget.NVMe)
                host += OptimizerBuffers * 4 * Math.Min(rank.Layer.Total, rank.Trained.Total / rank.Shards);
            return new OffGpu(host, 0);
        }
    }
}
