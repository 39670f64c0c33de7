using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning.Suggestions;

/// <summary>
/// What a user can turn to need less memory. Each knob gives its steps, the mildest first; steps that make no valid job are left out by the
/// search. Costs: recomputation arXiv 2205.05198 §5 and one more forward pass in three; ZeRO-3 communicates 1.5 × as much as data
/// parallelism, arXiv 1910.02054 §7; what changes the result (optimizer, method) comes last and is only ever proposed.
/// </summary>
internal static class Knobs
{
    private const int LargestTensor = 8;
    private const int LargestContext = 32;
    private const int LargestPipeline = 16;
    private const long LeastTokens = 4096;

    private static readonly int[] EngineShares = [20, 30, 40, 50, 60, 70, 80];

    public static readonly IReadOnlyList<Func<PlanRequest, IEnumerable<Step>>> All =
        [Attention, EngineSleep, EngineShare, Loss, MicroBatch, SequenceParallel, Sharding, Recompute, Tensor, Pipeline, Context, MoreGpus, Optimizer, Method];

    /// <summary>The same where a tensor parallel group is larger than any node, and so would a larger one be.</summary>
    public static readonly IReadOnlyList<Func<PlanRequest, IEnumerable<Step>>> OfCrossingGroup = [.. All.Select(knob => knob == Tensor ? SmallerTensor : knob)];

    /// <summary>What may be needed beside that on the same GPUs, to train the same.</summary>
    public static readonly IReadOnlyList<Func<PlanRequest, IEnumerable<Step>>> BesideSmallerTensor = [.. All.Except([Tensor, MoreGpus, Method])];

    /// <summary>Other weights are trained after it.</summary>
    public static bool ChangesTheResult(Func<PlanRequest, IEnumerable<Step>> knob) => knob == Method;

    private static IEnumerable<Step> Attention(PlanRequest request)
    {
        if (request.Job.Training.Attention == AttentionKernel.Eager)
            yield return Step.Of(request, Efforts.None, null, Fields.Attention(AttentionKernel.Flash));
    }

    private static IEnumerable<Step> EngineSleep(PlanRequest request)
    {
        if (request.Job.Training.Rollout is { Engine: RolloutEngine.Colocated, EngineSleeps: false })
            yield return Step.Of(request, Efforts.Setting, "the generation engine wakes up for each rollout", Fields.EngineSleeps());
    }

    /// <summary>Up for an engine that its weights do not fit in, down for a training step beside it.</summary>
    private static IEnumerable<Step> EngineShare(PlanRequest request)
    {
        if (request.Job.Training.Rollout is not { Engine: RolloutEngine.Colocated } rollout)
            yield break;
        foreach (var percent in EngineShares.Where(percent => percent < rollout.EngineMemoryPercent).Reverse())
            yield return Step.Of(request, Efforts.Setting, "fewer completions at once", Fields.EngineMemoryPercent(percent));
        foreach (var percent in EngineShares.Where(percent => percent > rollout.EngineMemoryPercent))
            yield return Step.Of(request, Efforts.Setting, null, Fields.EngineMemoryPercent(percent));
        for (var tensor = rollout.EngineTensor * 2; tensor <= LargestTensor; tensor *= 2)
            yield return Step.Of(request, Efforts.Slower, "the generation engine divides its weights", Fields.EngineTensor(tensor));
    }

    private static IEnumerable<Step> Loss(PlanRequest request)
    {
        if (request.Job.Training.Loss == LossKernel.Full)
            yield return Step.Of(request, Efforts.Script, "needs a chunked loss in the training script", Fields.Loss(LossKernel.Chunked));
    }

    private static IEnumerable<Step> MicroBatch(PlanRequest request)
    {
        if (request.Open.HasFlag(OpenFields.MicroBatchSize))
            yield break;
        for (var size = request.Job.Training.MicroBatchSize / 2; size >= 1; size /= 2)
            yield return Step.Of(request, Efforts.Setting, "more gradient accumulation", Fields.MicroBatchSize(size));
    }

    private static IEnumerable<Step> SequenceParallel(PlanRequest request)
    {
        if (request.Job.Parallelism is { Tensor: > 1, SequenceParallel: false })
            yield return Step.Of(request, Efforts.Setting, null, Fields.SequenceParallel());
    }

    private static IEnumerable<Step> Sharding(PlanRequest request)
    {
        if (request.Open.HasFlag(OpenFields.Sharding) || (!request.DataIsAuto && request.Job.Parallelism.Data == 1))
            yield break;
        for (var stage = request.Job.Parallelism.Sharding + 1; stage <= Estimation.Jobs.Sharding.Full; stage++)
        {
            var (effort, cost) = stage == Estimation.Jobs.Sharding.Full ? (Efforts.Slower, "half as much communication again") : (Efforts.Script, null);

            yield return Step.Of(request, effort, cost, [.. Wraps(request), Fields.Sharding(stage)]);
        }
    }

    /// <summary>DistributedDataParallel replicates everything: sharding means another framework.</summary>
    private static Change<PlanRequest>[] Wraps(PlanRequest request) => request.Job.Training.Framework == TrainingFramework.DDP ? [Fields.Framework(TrainingFramework.PyTorchFSDP)] : [];

    private static IEnumerable<Step> Recompute(PlanRequest request)
    {
        var training = request.Job.Training;
        if (request.Open.HasFlag(OpenFields.Recompute))
            yield break;
        if (training.Recompute == Estimation.Jobs.Recompute.None)
            yield return Step.Of(request, Efforts.Slower, "about 10 % slower", Fields.Recompute(Estimation.Jobs.Recompute.Selective));
        if (training.Recompute == Estimation.Jobs.Recompute.Full)
        {
            if (training.RecomputeLayers is not null)
                yield return Step.Of(request, Efforts.MuchSlower, "up to 30 % slower", Fields.NoRecomputeLayers());
            yield break;
        }

        // Modules belong to the selection; all of a layer needs none.
        var full = Fields.Recompute(Estimation.Jobs.Recompute.Full);
        yield return training.RecomputeModules == RecomputeModules.None
            ? Step.Of(request, Efforts.MuchSlower, "about 30 % slower", full)
            : Step.Of(request, Efforts.MuchSlower, "about 30 % slower", full, Fields.NoRecomputeModules());
    }

    private static IEnumerable<Step> Tensor(PlanRequest request)
    {
        if (request.Open.HasFlag(OpenFields.Tensor) || !DividesLayers(request.Job.Training))
            yield break;
        var data = request.Job.Parallelism.Data;
        for (var tensor = request.Job.Parallelism.Tensor * 2; tensor <= LargestTensor; tensor *= 2)
        {
            if (!request.DataIsAuto && data % 2 != 0)
                yield break;
            data /= 2;
            yield return request.DataIsAuto
                ? Step.Of(request, Efforts.OtherLayout, null, Fields.Tensor(tensor))
                : Step.Of(request, Efforts.OtherLayout, null, Fields.Tensor(tensor), Fields.Data(data));
        }
    }

    /// <summary>
    /// For a group that is larger than any node and waits for the network in every layer: on the same GPUs, states are divided over the ranks of data
    /// parallelism.
    /// </summary>
    public static IEnumerable<Step> SmallerTensor(PlanRequest request)
    {
        var (layout, data) = (request.Job.Parallelism, request.Job.Parallelism.Data);
        if (request.Open.HasFlag(OpenFields.Tensor))
            yield break;
        for (var tensor = layout.Tensor; tensor % 2 == 0 && data <= JobLimits.MaxParallelDegree / 2;)
        {
            (tensor, data) = (tensor / 2, data * 2);
            var changes = new List<Change<PlanRequest>> { Fields.Tensor(tensor) };
            if (layout.SequenceParallel && tensor == 1)
                changes.Add(Fields.NoSequenceParallel());
            if (!request.DataIsAuto)
                changes.Add(Fields.Data(data));
            if (layout.Sharding != Estimation.Jobs.Sharding.Full && !request.Open.HasFlag(OpenFields.Sharding))
                changes.AddRange([.. Wraps(request), Fields.Sharding(Estimation.Jobs.Sharding.Full)]);
            yield return Step.Of(request, Efforts.OtherLayout, "states are divided over the GPUs, not layers", [.. changes]);
        }
    }

    /// <summary>Stages on the same GPUs first, then on more of them: one copy of a model that no node holds takes several (arXiv 2104.04473, takeaway 1).</summary>
    private static IEnumerable<Step> Pipeline(PlanRequest request)
    {
        const string cost = "stages wait for each other unless a step has many micro-batches";
        if (request.Open.HasFlag(OpenFields.Pipeline) || request.Job.Training.Framework != TrainingFramework.Megatron)
            yield break;
        var (data, first) = (request.Job.Parallelism.Data, request.Job.Parallelism.Pipeline * 2);
        for (var stages = first; !request.DataIsAuto && stages <= LargestPipeline && data % 2 == 0; stages *= 2)
            yield return Step.Of(request, Efforts.OtherLayout, cost, Fields.Pipeline(stages), Fields.Data(data /= 2));
        for (var stages = first; stages <= LargestPipeline; stages *= 2)
            yield return Step.Of(request, Efforts.OtherLayout, request.DataIsAuto ? cost : $"more GPUs; {cost}", Fields.Pipeline(stages));
    }

    private static IEnumerable<Step> Context(PlanRequest request)
    {
        if (request.Open.HasFlag(OpenFields.Context) || !DividesLayers(request.Job.Training))
            yield break;
        var data = request.Job.Parallelism.Data;
        for (var ranks = request.Job.Parallelism.Context * 2; ranks <= LargestContext && request.Job.Training.SequenceLength / ranks >= LeastTokens; ranks *= 2)
        {
            if (!request.DataIsAuto && data % 2 != 0)
                yield break;
            data /= 2;
            const string cost = "the script has to divide its sequences";
            yield return request.DataIsAuto
                ? Step.Of(request, Efforts.OtherLayout, cost, Fields.Context(ranks))
                : Step.Of(request, Efforts.OtherLayout, cost, Fields.Context(ranks), Fields.Data(data));
        }
    }

    /// <summary>Layers and sequences are divided by Megatron and by PyTorch's own parallelism, not by what wraps a whole model, nor over weights in four bits.</summary>
    public static bool DividesLayers(TrainingSpec training) =>
        training.Framework is TrainingFramework.Megatron or TrainingFramework.PyTorchFSDP && training.Method != TrainingMethod.QLoRA;

    private static IEnumerable<Step> MoreGpus(PlanRequest request)
    {
        if (request.DataIsAuto)
            yield break;
        var isSharded = request.Job.Parallelism.Sharding != Estimation.Jobs.Sharding.None;
        var most = GpuCounts.MostBeside(request.Job.Parallelism.WorldSize) / request.Job.Parallelism.ModelParallelSize;
        for (var data = request.Job.Parallelism.Data * 2L; data <= most; data *= 2)
            yield return isSharded
                ? Step.Of(request, Efforts.OtherLayout, "more GPUs", Fields.Data((int)data))
                : Step.Of(request, Efforts.OtherLayout, "more GPUs, each with a part of the states", [.. Wraps(request), Fields.Sharding(Estimation.Jobs.Sharding.Full), Fields.Data((int)data)]);
    }

    private static IEnumerable<Step> Optimizer(PlanRequest request)
    {
        // Megatron has no 8-bit optimizer (megatron/core/optimizer/optimizer_config.py).
        if (request.Job.Training is not { Method: TrainingMethod.Full, Optimizer: Estimation.Jobs.Optimizer.AdamW, Framework: not TrainingFramework.Megatron } training)
            yield break;

        // Types that were stated for the moments of AdamW are none in which the narrow one keeps them.
        var narrow = Fields.Optimizer(Estimation.Jobs.Optimizer.AdamW8bit);
        yield return training.DataTypes?.Moments is null
            ? Step.Of(request, Efforts.OtherOptimizer, "8-bit optimizer states", narrow)
            : Step.Of(request, Efforts.OtherOptimizer, "8-bit optimizer states", narrow, Fields.UsualMoments());
    }

    private static IEnumerable<Step> Method(PlanRequest request)
    {
        var training = request.Job.Training;
        if (training.Method == TrainingMethod.Full)
            yield return Step.Of(request, Efforts.Adapters, "trains adapters, not the weights", Fields.Method(TrainingMethod.LoRA));
        if (training.Method != TrainingMethod.QLoRA && training.Framework != TrainingFramework.Megatron)
            yield return Step.Of(request, Efforts.QuantizedAdapters, "trains adapters over 4-bit weights", Fields.Method(TrainingMethod.QLoRA));
    }
}
