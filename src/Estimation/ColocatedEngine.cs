namespace GpuMem.Estimation;

/// <summary>An inference engine that shares each GPU with the training step (trl trainer/grpo_trainer.py, vllm_mode colocate; vLLM's sleep mode).</summary>
/// <param name="MemoryPercent">Of the GPU's memory, what the engine takes.</param>
/// <param name="Sleeps">It takes that only while it generates.</param>
/// <param name="Weights">Of each GPU, its copy of the weights: with a smaller share it cannot start.</param>
/// <param name="Beside">What training keeps on the GPU meanwhile: weights, states and context, and one tensor gathered to pass on new weights.</param>
/// <param name="Shared">Of the weights, what is the training's own: it lies in the engine's share.</param>
public sealed record ColocatedEngine(int MemoryPercent, bool Sleeps, Bytes Weights, Bytes Beside, Bytes Shared)
{
    /// <summary>What the engine takes of a GPU with so much memory.</summary>
    public Bytes Share(Bytes memory) => new(new Percent(MemoryPercent).Of(memory.Value));

    /// <summary>What it leaves a training step.</summary>
    public Bytes LeavesTraining(Bytes memory) => Sleeps ? memory : memory - Share(memory) + Bytes.Min(Shared, Share(memory));

    /// <summary>Why the engine cannot run on such a GPU, whatever a training step needs; null when it can.</summary>
    public string? Problem(Bytes memory)
    {
        var share = Share(memory);
        if (Weights > share)
            return $"the generation engine's {MemoryPercent} % are {share}, and its weights alone {Weights}";
        return Beside + share > memory ? $"while the generation engine has its {MemoryPercent} %, {share}, training keeps {Beside}" : null;
    }

    internal static ColocatedEngine? Of(JobSpec job, int stage) =>
        job.Training.Rollout is { Engine: RolloutEngine.Colocated } rollout ? Of(job, rollout, stage) : null;

    private static ColocatedEngine Of(JobSpec job, RolloutSpec rollout, int stage)
    {
        checked
        {
            var rank = new RankContext(job, stage);
            var gathered = rank.Recipe.ShardWeights ? rank.Recipe.Compute * rank.Shape.Vocabulary * rank.Shape.Hidden : 0;
            var outside = ProcessOverhead.CudaContext.Expected + ProcessOverhead.Nccl(job.Parallelism).Expected;
            var memory = new RankMemory(rank);
            var shared = rank.Code.SharesEngineWeights ? memory.Weights : 0;
            var weights = shared > 0 ? shared : Ratio.DivideUp(PerWeight(rollout.EngineWeights).Of(job.Model.Parameters), rollout.EngineTensor);
            return new ColocatedEngine(
                rollout.EngineMemoryPercent, rollout.EngineSleeps, new Bytes(weights), new Bytes(memory.BetweenSteps - shared + gathered + outside), new Bytes(shared));
        }
    }

    /// <summary>Without scales, and as if all weights were narrow: an engine that may hold its weights is not refused.</summary>
    private static Ratio PerWeight(DataType type) => type == DataType.NVFP4 ? new(1, 2) : Ratio.Whole(type.Bytes());
}
