namespace GpuMem.Estimation.Jobs;

/// <summary>Combinations that the named software does not have.</summary>
internal static class FrameworkRules
{
    public static void Check(JobSpec job, ref ProblemList problems)
    {
        var (framework, sharding) = (job.Training.Framework, job.Parallelism.Sharding);
        if (framework == TrainingFramework.PyTorchFSDP && sharding == Sharding.Optimizer)
            problems.Add("parallelism.sharding", "PyTorchFSDP cannot shard optimizer states alone; use Gradients or Full, or framework DeepSpeed or Megatron");
        if (framework == TrainingFramework.DDP && sharding >= Sharding.Gradients)
            problems.Add("parallelism.sharding", $"DDP keeps weights and gradients whole on every rank, so sharding {sharding} is not possible; use None or Optimizer, or framework PyTorchFSDP or DeepSpeed");

        // DeepSpeed runtime/pipe/engine.py asserts it: the pipeline engine works with ZeRO-1 only.
        if (framework == TrainingFramework.DeepSpeed && sharding >= Sharding.Gradients && job.Parallelism.Pipeline > 1)
            problems.Add("parallelism.sharding", $"DeepSpeed's pipeline cannot shard {(sharding == Sharding.Full ? "weights" : "gradients")}; use sharding Optimizer, or pipeline 1");
    }
}
