using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Speed;

/// <summary>
/// How long a job's steps take, roughly: its operations at a share of the peak that published runs reach, the idle time of a pipeline, and what of
/// the communication does not hide behind the computation. It orders placements; that a figure is off by a third changes few choices.
/// </summary>
/// <remarks>
/// Six operations for each parameter and token (arXiv 2001.08361), and as many for each pair of positions under a causal mask; collectives of tensor
/// parallelism as in arXiv 1909.08053, of sharding as in arXiv 1910.02054 section 7; the idle time of a pipeline as in arXiv 2104.04473.
/// </remarks>
internal sealed class StepTime
{
    // Megatron-LM's README: 41 to 47 % of an H100's peak. Eager layers under sharding reach less, sparse experts and cards without NVLink far less.
    private const double MegatronUtilization = 0.42;
    private const double Utilization = 0.35;
    private const double OfExperts = 0.7;
    private const double WithoutLink = 0.65;

    private const double SelectiveRecompute = 1.1;
    private const int BytesOfState = 16;

    private readonly double _parameters;
    private readonly double _active;

    private StepTime(double parameters, double active) => (_parameters, _active) = (parameters, active);

    /// <summary>Null for a job whose time is not one of steps alone (completions that are generated first), and for sizes that no number here can hold.</summary>
    public static StepTime? Of(JobSpec job)
    {
        if (job.Training.Objective.Generates())
            return null;
        try
        {
            return new StepTime(job.Model.Parameters, job.Model.ActiveParameters);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Tokens of all GPUs together.</summary>
    /// <param name="job">Its data parallel size is given beside it.</param>
    /// <param name="data">Data parallel size.</param>
    /// <param name="gpu">Of every rank.</param>
    /// <param name="gpusPerNode">Of one pod.</param>
    /// <param name="recompute">Instead of the job's.</param>
    /// <param name="microBatchSize">Instead of the job's.</param>
    public double TokensPerSecond(JobSpec job, long data, GpuSpeed gpu, int gpusPerNode, Recompute recompute, long microBatchSize)
    {
        var (training, layout) = (job.Training, job.Parallelism);
        var (length, stages) = ((double)training.SequenceLength, (double)layout.Tensor * layout.Pipeline);
        var micro = microBatchSize * length / layout.Context;
        var batches = training.GlobalBatchSize is { } global ? Math.Max(1, (double)global / microBatchSize / data) : 1;

        var compute = micro * OperationsPerToken(job, recompute) / stages / (gpu.Flops(training.Precision) * Share(job, gpu));
        var (weights, width) = (ElementSize(training.Precision) * _parameters / stages, ElementSize(training.Precision) * micro * job.Model.HiddenSize);
        var layers = (double)(job.Model.Layers + job.Model.EncoderLayers) / layout.Pipeline;

        // Four all-reduces of a layer's input, there and back; those around experts carry a token once for each expert that it goes to (Megatron-LM,
        // core/transformer/moe/token_dispatcher.py).
        var copies = 1.0 + (job.Model.Experts?.ActivePerToken ?? 1);
        var exchange = layout.Tensor == 1 ? 0 : layers * 4 * copies * width * (layout.Tensor - 1) / layout.Tensor / gpu.Bytes(layout.Tensor, gpusPerNode);
        if (layout.Expert > 1)
            exchange += layers * 4 * width * (job.Model.Experts?.ActivePerToken ?? 1) / gpu.Bytes((long)layout.Tensor * layout.Expert, gpusPerNode);

        var replicas = (double)data * layout.Context;
        var among = (replicas - 1) / replicas / gpu.Bytes(data * layout.Context * layout.Tensor, gpusPerNode);
        var trained = training.Method == TrainingMethod.Full ? 1 : 0;
        var (gathered, reduced) = layout.Sharding == Sharding.Full ? ((2 + trained) * weights * among, 0.0) : (0.0, 2 * trained * weights * among);
        var slot = compute + exchange + Math.Max(0, gathered - compute);
        var offloaded = training.Offload.Optimizer == OffloadTarget.None ? 0 : trained * BytesOfState * _parameters / stages / replicas / gpu.Bytes(long.MaxValue, gpusPerNode);
        var step = (batches + ((layout.Pipeline - 1.0) / layout.VirtualStages)) * slot + Math.Max(0, reduced - (compute * 2 / 3)) + offloaded;
        return batches * microBatchSize * length * data / step;
    }

    private static double ElementSize(Precision precision) => precision is Precision.FP32 or Precision.TF32 ? 4 : 2;

    private static double Share(JobSpec job, GpuSpeed gpu) => (job.Training.Framework == TrainingFramework.Megatron ? MegatronUtilization : Utilization)
        * (job.Model.Experts is null ? 1 : OfExperts)
        * (gpu.IsLinked ? 1 : WithoutLink);

    private double OperationsPerToken(JobSpec job, Recompute recompute)
    {
        var training = job.Training;
        var pairs = (double)job.Model.Layers * job.Model.AttentionHeads * job.Model.HeadDimension * training.SequenceLength;
        var forward = (2 * _active) + (2 * pairs);

        // Frozen weights have no gradient of their own.
        var backward = (training.Method == TrainingMethod.Full ? 4 : 2) * _active + (4 * pairs);
        var once = forward + backward + (training.ReferenceModel ? forward : 0);
        return recompute switch
        {
            Recompute.Full => once + forward,
            Recompute.Selective => once * SelectiveRecompute,
            _ => once,
        };
    }
}
