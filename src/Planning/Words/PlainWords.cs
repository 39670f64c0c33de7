using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Words;

/// <summary>One sentence for people who do not read formulas: which term is the largest, and what makes it so.</summary>
public static class PlainWords
{
    /// <returns>A sentence such as <c>Logits are the largest part, 13.7 of 34.2 GiB: …</c></returns>
    public static string LargestTerm(JobSpec job, Estimate estimate)
    {
        if (estimate.Terms.MaxBy(term => term.Expected.Value) is not { } largest)
            return "Nothing needs memory.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(largest.Kind)} {(IsPlural(largest.Kind) ? "are" : "is")} the largest part, {largest.Expected.GiB:0.0} of {estimate.Expected.GiB:0.0} GiB: {Why(largest.Kind, job)}.");
    }

    private static string Name(TermKind kind) => kind switch
    {
        TermKind.MasterWeights => "The master copy of the weights",
        TermKind.OptimizerStates => "Optimizer states",
        TermKind.MovingAverage => "The moving average of the weights",
        TermKind.ReferenceModel => "The reference model",
        TermKind.ValueModel => "The value model",
        TermKind.RewardModel => "The reward model",
        TermKind.GatheredParameters => "Gathered parameters",
        TermKind.Recomputation => "The layer that is computed again",
        TermKind.Logits => "Logits",
        TermKind.CommunicationBuffers => "Communication buffers",
        TermKind.OptimizerTemporaries => "The optimizer's working copies",
        TermKind.Fragmentation => "The allocator's slack",
        TermKind.CudaContext => "The CUDA context",
        TermKind.Nccl => "NCCL",
        _ => kind.ToString(),
    };

    private static bool IsPlural(TermKind kind) =>
        kind is TermKind.Weights or TermKind.Gradients or TermKind.OptimizerStates or TermKind.Adapters or TermKind.GatheredParameters
            or TermKind.Activations or TermKind.Logits or TermKind.CommunicationBuffers or TermKind.OptimizerTemporaries;

    private static string Why(TermKind kind, JobSpec job)
    {
        var (model, training, layout) = (job.Model, job.Training, job.Parallelism);
        var tokens = string.Create(CultureInfo.InvariantCulture, $"{training.MicroBatchSize * training.SequenceLength:N0} tokens per GPU");
        return kind switch
        {
            TermKind.Weights => $"{Count(model.Parameters)} parameters{Divided(layout, layout.Sharding == Sharding.Full)}",
            TermKind.MasterWeights or TermKind.OptimizerStates =>
                $"{training.Optimizer} keeps its numbers for {Trained(job)}{Divided(layout, layout.Sharding != Sharding.None)}",
            TermKind.MovingAverage => $"a second copy, in fp32, of {Trained(job)}{Divided(layout, layout.Sharding != Sharding.None)}",
            TermKind.ReferenceModel => $"all {Count(model.Parameters)} parameters once more, frozen{Divided(layout, layout.Sharding == Sharding.Full)}",
            TermKind.ValueModel => $"a second model of these layers with optimizer states of its own{Divided(layout, layout.Sharding != Sharding.None)}",
            TermKind.RewardModel => $"the layers once more, frozen, to score completions{Divided(layout, layout.Sharding == Sharding.Full)}",
            TermKind.Gradients => $"one number for each trained parameter{Divided(layout, layout.Sharding >= Sharding.Gradients)}",
            TermKind.Activations when training.Recompute == Recompute.None => $"all {model.Layers} layers keep what backward needs of {tokens}; recomputation would keep their inputs only",
            TermKind.Activations => $"what {model.Layers} layers keep of {tokens}, even with recomputation {training.Recompute}",
            TermKind.Recomputation => $"backward computes one layer of {tokens} again and holds all of it at once",
            TermKind.Logits => $"every one of {tokens} has a score for each of {Count(model.VocabularySize)} vocabulary entries, several times over in the loss",
            TermKind.GatheredParameters => "divided weights are put together for as long as they are used",
            TermKind.CudaContext or TermKind.Nccl => "the job itself is small; this is what any process on the GPU pays",
            _ => "see its formula",
        };
    }

    private static string Trained(JobSpec job) =>
        job.Training.Method == TrainingMethod.Full ? $"each of {Count(job.Model.Parameters)} parameters" : "each parameter of the adapters";

    private static string Divided(ParallelismSpec layout, bool sharded)
    {
        var parts = layout.Tensor * (long)layout.Pipeline * (sharded ? (long)layout.Data * layout.Context : 1);
        return parts > 1 ? $", divided by {parts.ToString("N0", CultureInfo.InvariantCulture)}" : ", whole on every GPU";
    }

    private static string Count(long value) => value >= 1_000_000_000
        ? (value / 1e9).ToString("0.#", CultureInfo.InvariantCulture) + " billion"
        : value.ToString("N0", CultureInfo.InvariantCulture);
}
