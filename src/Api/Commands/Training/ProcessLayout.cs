using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>How many GPUs there are, from what the launcher starts in each pod and how many pods there are; and what follows from it.</summary>
internal static class ProcessLayout
{
    /// <param name="draft">What was read, complete otherwise.</param>
    /// <param name="pods">Pods of the workload; null when it is not known.</param>
    public static void Apply(TrainingDraft draft, int? pods)
    {
        var (counts, gpus) = (draft.Processes, draft.Gpus);
        var nodes = counts.Nodes ?? (counts.InAll is null ? pods : null);
        if (nodes is null && counts.InAll is null)
            draft.Assume("how many pods train together is not said; one is assumed.");
        else if (counts is { Nodes: null, InAll: null } && pods > 1)
            draft.Assume($"the {pods} pods train together, though the launcher is told of no nodes: whoever makes the pods must tell it (PET_NNODES).");
        var perNode = counts.InAll is { } all ? Math.Max(1, all / Math.Max(1, nodes ?? Fitting(all, gpus, pods ?? 1))) : counts.PerNode ?? (gpus > 0 ? gpus : null);
        if (perNode is not { } each)
        {
            draft.Assume("the pod asks for no GPU, and the launcher starts a process for each that it finds; their number is left open.");
            return;
        }
        if (counts.SpreadsLayers && (counts.Visible ?? gpus) / each is > 1 and var left)
            draft.Reading.NotUnderstood.Add($"{each} processes for {counts.Visible ?? gpus} GPUs, each of which spreads its layers over {left} (device_map): NPROC_PER_NODE says how many processes there are");
        draft.Job.Placement = new PlacementSettings { GpusPerNode = each };
        Divide(draft, counts.InAll ?? (long)each * (nodes ?? 1), each);
    }

    /// <summary>Nodes on which so many processes have a GPU each; else the pods, where the processes divide evenly among them.</summary>
    private static int Fitting(int all, int gpus, int pods) => gpus > 0 && all % gpus == 0 ? all / gpus : pods > 0 && all % pods == 0 ? pods : 1;

    private static void Divide(TrainingDraft draft, long world, int perNode)
    {
        var layout = draft.Layout;
        var model = Math.Max(1L, layout.Tensor?.Value ?? 1) * Math.Max(1, layout.Pipeline?.Value ?? 1) * Math.Max(1, layout.Context?.Value ?? 1);
        if (world % model != 0)
        {
            draft.Reading.NotUnderstood.Add($"{world} processes, which cannot be divided into groups of {model} for tensor, pipeline and context parallelism");
            return;
        }
        var data = world / model;
        layout.Data = data.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (draft.Fsdp is { IsHybrid: true } && layout.ShardGroup is null && perNode < data && data % perNode == 0)
            layout.ShardGroup = perNode;
        if (draft.Processes.Replicas is > 1 and var replicas && data % replicas == 0)
            layout.ShardGroup ??= (int)(data / replicas);
        if (layout.ShardGroup >= data)
            layout.ShardGroup = null;
        if (draft.Accumulation is > 1 and var steps && draft.Training.MicroBatchSize?.Value is { } size)
            draft.Training.GlobalBatchSize ??= Math.Min(size, 1_000_000) * Math.Min(steps, 1_000_000) * data;
    }
}
