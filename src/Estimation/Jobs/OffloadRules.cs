namespace GpuMem.Estimation.Jobs;

/// <summary>What can leave the GPU under which sharding (DeepSpeed runtime/zero/config.py; ZeRO-Infinity, arXiv 2104.07857).</summary>
internal static class OffloadRules
{
    public static void Check(JobSpec job, ref ProblemList problems)
    {
        var (offload, framework) = (job.Training.Offload, job.Training.Framework);
        if (offload is null)
        {
            problems.Add("training.offload", "must be given; an empty one offloads nothing");
            return;
        }

        TrainingRules.Known(offload.Parameters, "training.offload.parameters", ref problems);
        TrainingRules.Known(offload.Optimizer, "training.offload.optimizer", ref problems);
        if (framework == TrainingFramework.Nanotron && offload != new OffloadSpec())
            problems.Add("training.offload", "training.framework Nanotron keeps everything on the GPU; use framework DeepSpeed or PyTorchFSDP, or take offload away");
        var toDisk = offload.Parameters == OffloadTarget.NVMe || offload.Optimizer == OffloadTarget.NVMe;
        if (toDisk && framework != TrainingFramework.DeepSpeed)
            problems.Add("training.offload", $"{framework} cannot offload to NVMe; use Host, or framework DeepSpeed");
        if ((toDisk || offload.Parameters != OffloadTarget.None) && job.Parallelism.Sharding != Sharding.Full)
            problems.Add("training.offload", "only fully sharded weights can be offloaded, and NVMe needs full sharding; use sharding Full");
    }
}
