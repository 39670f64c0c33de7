using System.Globalization;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Suggestions;

/// <summary>
/// What a user can turn to need less memory. Each knob gives its steps, the mildest first; steps that make no valid job are left out by the
/// search. Costs: recomputation arXiv 2205.05198 §5 and one more forward pass in three; ZeRO-3 communicates 1.5 × as much as data
/// parallelism, arXiv 1910.02054 §7; what changes the result (optimizer, method) comes last and is only ever proposed.
/// </summary>
internal static class Knobs
{
    public static readonly IReadOnlyList<Func<PlanRequest, IEnumerable<Step>>> All =
        [Attention, Loss, MicroBatch, SequenceParallel, Sharding, Recompute, Tensor, MoreGpus, Optimizer, Method];

    private static IEnumerable<Step> Attention(PlanRequest request)
    {
        if (request.Job.Training.Attention == AttentionKernel.Eager)
            yield return Train(request, training => training with { Attention = AttentionKernel.Flash }, 0, null, new Change("training.attention", "Flash"));
    }

    private static IEnumerable<Step> Loss(PlanRequest request)
    {
        if (request.Job.Training.Loss == LossKernel.Full)
            yield return Train(request, training => training with { Loss = LossKernel.Chunked }, 2, "needs a chunked loss in the training script", new Change("training.loss", "Chunked"));
    }

    private static IEnumerable<Step> MicroBatch(PlanRequest request)
    {
        for (var size = request.Job.Training.MicroBatchSize / 2; size >= 1; size /= 2)
            yield return Train(request, training => training with { MicroBatchSize = size }, 1, "more gradient accumulation", new Change("training.microBatchSize", Number(size)));
    }

    private static IEnumerable<Step> SequenceParallel(PlanRequest request)
    {
        if (request.Job.Parallelism is { Tensor: > 1, SequenceParallel: false })
            yield return Lay(request, parallelism => parallelism with { SequenceParallel = true }, 1, null, new Change("parallelism.sequenceParallel", "true"));
    }

    private static IEnumerable<Step> Sharding(PlanRequest request)
    {
        if (!request.DataIsAuto && request.Job.Parallelism.Data == 1)
            yield break;
        for (var stage = request.Job.Parallelism.Sharding + 1; stage <= Estimation.Jobs.Sharding.Full; stage++)
        {
            var next = stage;
            var cost = stage == Estimation.Jobs.Sharding.Full ? "half as much communication again" : null;
            var step = Lay(request, parallelism => parallelism with { Sharding = next }, 2 + (int)stage / 3, cost, new Change("parallelism.sharding", stage.ToString()));
            yield return request.Job.Training.Framework == TrainingFramework.DDP ? UnderFsdp(step) : step;
        }
    }

    /// <summary>DistributedDataParallel replicates everything: sharding means another framework.</summary>
    private static Step UnderFsdp(Step step)
    {
        var framework = Train(step.Request, training => training with { Framework = TrainingFramework.PyTorchFSDP }, 0, null, new Change("training.framework", "PyTorchFSDP"));
        return step with { Request = framework.Request, Changes = [.. framework.Changes, .. step.Changes] };
    }

    private static IEnumerable<Step> Recompute(PlanRequest request)
    {
        if (request.Job.Training.Recompute == Estimation.Jobs.Recompute.None)
            yield return Train(request, training => training with { Recompute = Estimation.Jobs.Recompute.Selective }, 3, "about 10 % slower", new Change("training.recompute", "Selective"));
        if (request.Job.Training.Recompute != Estimation.Jobs.Recompute.Full)
            yield return Train(request, training => training with { Recompute = Estimation.Jobs.Recompute.Full }, 4, "about 30 % slower", new Change("training.recompute", "Full"));
    }

    private static IEnumerable<Step> Tensor(PlanRequest request)
    {
        var parallelism = request.Job.Parallelism;
        var data = parallelism.Data;
        for (var tensor = parallelism.Tensor * 2; tensor <= 8; tensor *= 2)
        {
            if (!request.DataIsAuto && data % 2 != 0)
                yield break;
            data /= 2;
            var (t, d) = (tensor, data);
            Change change = new("parallelism.tensor", Number(tensor));
            yield return request.DataIsAuto
                ? Lay(request, layout => layout with { Tensor = t }, 5, "needs NVLink between the GPUs of a node", change)
                : Lay(request, layout => layout with { Tensor = t, Data = d }, 5, "needs NVLink between the GPUs of a node", change, new Change("parallelism.data", Number(data)));
        }
    }

    private static IEnumerable<Step> MoreGpus(PlanRequest request)
    {
        if (request.DataIsAuto || request.Job.Parallelism.Sharding == Estimation.Jobs.Sharding.None)
            yield break;
        for (var data = request.Job.Parallelism.Data * 2L; data <= 1024; data *= 2)
        {
            var ranks = (int)data;
            yield return Lay(request, parallelism => parallelism with { Data = ranks }, 5, "more GPUs", new Change("parallelism.data", Number(data)));
        }
    }

    private static IEnumerable<Step> Optimizer(PlanRequest request)
    {
        if (request.Job.Training is { Method: TrainingMethod.Full, Optimizer: Estimation.Jobs.Optimizer.AdamW })
            yield return Train(request, training => training with { Optimizer = Estimation.Jobs.Optimizer.AdamW8bit }, 7, "8-bit optimizer states", new Change("training.optimizer", "AdamW8bit"));
    }

    private static IEnumerable<Step> Method(PlanRequest request)
    {
        var training = request.Job.Training;
        if (training.Method == TrainingMethod.Full)
            yield return Train(request, full => full with { Method = TrainingMethod.LoRA, Lora = new LoraSpec() }, 8, "trains adapters, not the weights", new Change("training.method", "LoRA"));
        if (training.Method != TrainingMethod.QLoRA)
            yield return Train(request, full => full with { Method = TrainingMethod.QLoRA, Lora = full.Lora ?? new LoraSpec() }, 9, "trains adapters over 4-bit weights", new Change("training.method", "QLoRA"));
    }

    private static Step Train(PlanRequest request, Func<TrainingSpec, TrainingSpec> turn, int effort, string? cost, params Change[] changes) =>
        new(request with { Job = request.Job with { Training = turn(request.Job.Training) } }, changes, effort, cost);

    private static Step Lay(PlanRequest request, Func<ParallelismSpec, ParallelismSpec> turn, int effort, string? cost, params Change[] changes) =>
        new(request with { Job = request.Job with { Parallelism = turn(request.Job.Parallelism) } }, changes, effort, cost);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
