using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Speed;

/// <summary>How fast one model is trained on the products of some pools; each product is looked up once.</summary>
internal sealed class JobSpeed(JobSpec job)
{
    private readonly Dictionary<string, GpuSpeed?> _gpus = new(StringComparer.Ordinal);
    private readonly Lazy<StepTime?> _steps = new(() => StepTime.Of(job));

    /// <summary>Tokens of all GPUs together; null when it is not known.</summary>
    /// <param name="layout">A job of the same model; its data parallel size may be open.</param>
    /// <param name="world">GPUs in all, whole copies of the model.</param>
    public double? TokensPerSecond(JobSpec layout, Pool pool, long world, int gpusPerNode)
    {
        if (!_gpus.TryGetValue(pool.Product, out var gpu))
            _gpus[pool.Product] = gpu = GpuSpeed.Of(pool.Product);
        return gpu is null ? null : _steps.Value?.TokensPerSecond(layout, world / layout.Parallelism.ModelParallelSize, gpu, gpusPerNode);
    }
}
