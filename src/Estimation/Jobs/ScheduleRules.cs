namespace GpuMem.Estimation.Jobs;

/// <summary>Pipeline schedules, exchange of sequences and sharding groups (Megatron-LM megatron/training/arguments.py; arXiv 2309.14509).</summary>
internal static class ScheduleRules
{
    public static void Check(JobSpec job, ref ProblemList problems)
    {
        var (layout, layers) = (job.Parallelism, job.Model.Layers + job.Model.EncoderLayers);
        TrainingRules.Known(layout.Schedule, "parallelism.schedule", ref problems);
        TrainingRules.Known(layout.ContextExchange, "parallelism.contextExchange", ref problems);
        if (layout.VirtualStages < 1 || layout.VirtualStages > layers)
            problems.Add("parallelism.virtualStages", $"{layout.VirtualStages} chunks per stage; use 1 to {layers}");
        else if (layout.VirtualStages > 1)
            CheckChunks(job, layers, ref problems);
        if (layout.ContextExchange == ContextExchange.Ulysses && job.Model.AttentionHeads % layout.Context != 0)
            problems.Add("parallelism.context", $"Ulysses divides {job.Model.AttentionHeads} heads by context {layout.Context}, which leaves a rest; use {Choices.UpTo(job.Model.AttentionHeads, job.Model.AttentionHeads, static (heads, context) => heads % context == 0)}");
        if (layout.ShardGroup is { } group && (group < 1 || (long)layout.Data * layout.Context % group != 0))
            problems.Add("parallelism.shardGroup", $"{(long)layout.Data * layout.Context} data-parallel ranks cannot be divided into groups of {group}");
        if (layout.FsdpVersion is not (1 or 2))
            problems.Add("parallelism.fsdpVersion", $"{layout.FsdpVersion}; there is 1 (FullyShardedDataParallel) and 2 (fully_shard)");
        CheckExperts(job, ref problems);
        if (layout.GpusPerNode is < 1 or > JobLimits.MaxParallelDegree)
            problems.Add("placement.gpusPerNode", $"{layout.GpusPerNode} GPUs; a node has 1 or more");
    }

    private static void CheckExperts(JobSpec job, ref ProblemList problems)
    {
        var layout = job.Parallelism;
        TrainingRules.Known(layout.ExpertDispatch, "parallelism.expertDispatch", ref problems);
        if (layout.ExpertCapacityPercent is { } capacity)
        {
            if (capacity is < 1 or > JobLimits.MaxExpertCapacityPercent)
                problems.Add("parallelism.expertCapacityPercent", $"{capacity} % of an even share; use 1 to {JobLimits.MaxExpertCapacityPercent}, usually 100 to 200");
            if (job.Model.Experts is null)
                problems.Add("parallelism.expertCapacityPercent", $"{job.Model.Name} has no experts; take the capacity away");
        }
        else if (layout.ExpertPadding)
            problems.Add("parallelism.expertPadding", "experts are filled up to parallelism.expertCapacityPercent, which is not given; give it, 100 for an even share, or do not pad");
    }

    private static void CheckChunks(JobSpec job, int layers, ref ProblemList problems)
    {
        var layout = job.Parallelism;
        if (layout.Schedule != PipelineSchedule.Interleaved || layout.Pipeline == 1)
            problems.Add("parallelism.virtualStages", "several chunks per stage need schedule Interleaved and pipeline 2 or more");
        else if (job.Training.Framework == TrainingFramework.Megatron && layout is { FirstStageLayers: null, LastStageLayers: null } && layers % layout.Pipeline == 0 && layers / layout.Pipeline % layout.VirtualStages != 0)
            problems.Add("parallelism.virtualStages", $"{layers / layout.Pipeline} layers of a stage cannot be divided into {layout.VirtualStages} chunks");
    }
}
