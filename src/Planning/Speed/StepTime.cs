using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

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

    private const int BytesOfState = 16;

    private readonly JobSpec _job;
    private readonly double _parameters;
    private readonly double _active;

    // Of these, weights of routed experts.
    private readonly double _experts;
    private readonly double _activeExperts;

    private StepTime(JobSpec job)
    {
        (_job, var model) = (job, job.Model);
        (_parameters, _active) = (model.Parameters, model.ActiveParameters);
        if (model.Experts is not { } experts || experts.Count <= experts.ActivePerToken)
            return;
        var one = (_parameters - _active) / (experts.Count - experts.ActivePerToken);
        (_experts, _activeExperts) = (one * experts.Count, one * experts.ActivePerToken);
    }

    /// <summary>Null for a job whose time is not one of steps alone (completions that are generated first), and for sizes that no number here can hold.</summary>
    public static StepTime? Of(JobSpec job)
    {
        if (job.Training.Objective.Generates())
            return null;
        try
        {
            return new StepTime(job);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>With one layout on a number of GPUs.</summary>
    /// <param name="layout">The data parallel size is given beside it.</param>
    /// <param name="data">Data parallel size.</param>
    /// <param name="gpu">Of every rank.</param>
    /// <param name="gpusPerNode">Of one pod.</param>
    public LayoutTime Of(ParallelismSpec layout, long data, GpuSpeed gpu, int gpusPerNode)
    {
        var (job, training) = (_job, _job.Training);
        var (length, stages) = ((double)training.SequenceLength / layout.Context, (double)layout.Tensor * layout.Pipeline);
        var experts = ExpertLayout.Of(layout, data * layout.Context);
        var replicas = (double)data * layout.Context;

        // Of its experts a rank has others than its neighbours: fewer ranks have the same.
        var size = ElementSize(training.Precision);
        var common = size * (_parameters - _experts) / stages * Among(replicas);
        var routed = size * _experts / layout.Pipeline / experts.Parallel / experts.Tensor * Among(replicas * layout.Tensor / experts.Parallel / experts.Tensor);
        var span = data * layout.Context * layout.Tensor;
        var exchanged = (common + routed) / gpu.Bytes(span, gpusPerNode);

        var trained = training.Method == TrainingMethod.Full ? 1 : 0;
        var perSecond = gpu.Flops(training.Precision) * Share(job, gpu);
        var (forward, once, inExperts) = OperationsPerToken(job);
        var intensity = gpu.OperationsPerByte(training.Precision);
        return new LayoutTime
        {
            Compute = length * (once - inExperts) / stages / perSecond,
            Experts = length * inExperts / stages / perSecond,
            Again = (once + forward) / once,
            Narrow = job.Model.Experts is { ExpertSize: > 0 } mixture && _experts > 0 ? intensity * (((double)experts.Tensor / mixture.ExpertSize) + (1.0 / job.Model.HiddenSize)) : 0,
            Few = job.Model.Experts is { } router && _experts > 0 ? intensity * router.Count / (length * router.ActivePerToken * experts.Parallel * experts.Tensor / layout.Tensor) : 0,
            Exchange = Exchange(layout, experts, gpu, gpusPerNode),
            Gather = layout.Sharding == Sharding.Full ? (2 + trained) * exchanged : 0,
            Reduce = layout.Sharding == Sharding.Full ? 0 : 2 * trained * exchanged,
            Offload = training.Offload.Optimizer == OffloadTarget.None ? 0 : trained * BytesOfState * _parameters / stages / replicas / gpu.Bytes(long.MaxValue, gpusPerNode),
            Idle = (layout.Pipeline - 1.0) / layout.VirtualStages,
            Sequences = (double?)training.GlobalBatchSize / data,
            Length = training.SequenceLength,
            Copies = data,
        };
    }

    /// <summary>
    /// Seconds of one sequence. Four times there and back, an all-reduce as a reduce-scatter and an all-gather: around attention and a dense feed-forward a
    /// layer's input; around experts that are cut once for each expert that a token goes to, among the ranks that have a part of it. Before and after, the
    /// tokens go to the ranks of their experts; each tensor parallel rank sends its part of them (Megatron-LM, core/transformer/moe/token_dispatcher.py).
    /// </summary>
    private double Exchange(ParallelismSpec layout, ExpertLayout experts, GpuSpeed gpu, int gpusPerNode)
    {
        var (training, model) = (_job.Training, _job.Model);
        var width = 4 * ElementSize(training.Precision) * training.SequenceLength / layout.Context * model.HiddenSize;
        var (layers, active) = ((double)model.Layers + model.EncoderLayers, model.Experts?.ActivePerToken ?? 0);
        var sparse = (double)(model.Experts?.LayersAmong(model.Layers) ?? 0);
        var along = ((2 * layers) - sparse) * Among(layout.Tensor) / gpu.Bytes(layout.Tensor, gpusPerNode);
        var inside = sparse * active * Among(experts.Tensor) / gpu.Bytes(layout.Tensor, gpusPerNode);
        var across = sparse * active * Among(experts.Parallel) / layout.Tensor / gpu.Bytes(Math.Max(layout.Tensor, (long)experts.Parallel * experts.Tensor), gpusPerNode);
        return width * (along + inside + across) / layout.Pipeline;
    }

    /// <summary>The part of a tensor that is not on the rank that needs it.</summary>
    private static double Among(double ranks) => ranks > 1 ? (ranks - 1) / ranks : 0;

    private static double ElementSize(Precision precision) => precision is Precision.FP32 or Precision.TF32 ? 4 : 2;

    private static double Share(JobSpec job, GpuSpeed gpu) => (job.Training.Framework == TrainingFramework.Megatron ? MegatronUtilization : Utilization)
        * (job.Model.Experts is null ? 1 : OfExperts)
        * (gpu.IsLinked ? 1 : WithoutLink);

    private (double Forward, double Once, double InExperts) OperationsPerToken(JobSpec job)
    {
        var training = job.Training;
        var pairs = (double)job.Model.Layers * job.Model.AttentionHeads * job.Model.HeadDimension * training.SequenceLength;
        var forward = (2 * _active) + (2 * pairs);

        // Frozen weights have no gradient of their own.
        var passes = training.Method == TrainingMethod.Full ? 4 : 2;
        var (backward, again) = (passes * _active + (4 * pairs), training.ReferenceModel ? 1 : 0);
        return (forward, (forward * (1 + again)) + backward, ((2 * (1 + again)) + passes) * _activeExperts);
    }
}
