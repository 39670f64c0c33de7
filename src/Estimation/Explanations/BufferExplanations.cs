using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.States;
using static GpuMem.Estimation.Explanations.Text;

namespace GpuMem.Estimation.Explanations;

/// <summary>Gathered parameters, communication and optimizer temporaries, in words.</summary>
internal static class BufferExplanations
{
    public static Explanation Gathered(in RankContext rank, Phase phase)
    {
        var (compute, unit, root) = (rank.Recipe.Compute, rank.Layer.Total, rank.RootParameters);
        if (rank.IsQuantised && !rank.Recipe.ShardWeights)
        {
            return new(
                "β · largest matrix, expanded for its product",
                $"{compute} B · {N(rank.Shape.Hidden)} · {N(Math.Max(rank.Shape.FeedForward, rank.Shape.Query))}",
                "bitsandbytes bitsandbytes/nn/modules.py");
        }

        if (rank.CastsWeights)
        {
            var gathered = new GatheredParameters(rank);
            var casts = phase switch { Phase.Loss => gathered.Forward, Phase.BackwardStart => gathered.Backward, _ => gathered.BackwardEnd };
            return new(
                "β · weights of linear layers, cast by autocast and alive then",
                $"{compute} B · {N(casts.Expected / compute)}",
                "aten/src/ATen/autocast_mode.cpp, cached_cast");
        }

        if (rank.Training.Framework == TrainingFramework.DeepSpeed)
        {
            return new(
                "β · min(stage3_max_live_parameters + prefetch bucket, N)",
                $"{compute} B · min({N(GatheredParameters.MaxLiveParameters)} + {N(GatheredParameters.PrefetchBucket)}, {N(rank.Base.Total)})",
                "DeepSpeed deepspeed/runtime/zero/config.py");
        }

        const string source = "FSDP, arXiv 2304.11277; pytorch/torchtitan";
        if (rank.Stage.Count > 1 || rank.Job.Parallelism.Sharding == Sharding.Gradients)
            return new("β · N, kept gathered, with unreduced gradients in backward", $"{compute} B · {N(rank.Base.Total)}", source);
        return phase == Phase.Loss
            ? new("β · (root + unit)", $"{compute} B · ({N(root)} + {N(unit)})", source)
            : new("β · (root + 2 · unit) + unreduced gradients of a unit and of the head", $"{compute} B · ({N(root)} + 2 · {N(unit)}) + 4 B · {N(unit)} …", source);
    }

    public static Explanation Communication(in RankContext rank)
    {
        var buffers = new CommunicationBuffers(rank);
        return new(
            buffers.Kept > 0 ? "pipeline and ring buffers + workspaces, the head's gathered input and 2 B for each shape of a weight" : "gradient buckets + pipeline and ring buffers",
            $"{GiB(buffers.Always.Expected)} always, {GiB(buffers.Reduce.Expected + buffers.InLayer.Expected)} in backward, {GiB(buffers.Gather.Expected)} after the step",
            rank.Training.Framework == TrainingFramework.DeepSpeed
                ? "DeepSpeed deepspeed/runtime/zero/config.py (reduce_bucket_size, allgather_bucket_size)"
                : buffers.Kept > 0 ? "Megatron-LM megatron/core/tensor_parallel/layers.py; TransformerEngine transformer_engine/pytorch/module/base.py (get_dummy_wgrad)"
                : "torch DistributedDataParallel (gradient_as_bucket_view); arXiv 2104.04473; arXiv 2310.01889");
    }

    public static Explanation Temporaries(in RankContext rank) => rank.Recipe.GradientCopy > 0
        ? ModelStates.GradientCopyOf(rank).Explain()
        : new("the optimizer's working copies", "none when fused, one copy of the local parameters with foreach, two of the largest tensor in a loop", "torch.optim (foreach, fused); Muon, arXiv 2502.16982");
}
