namespace GpuMem.Estimation.Jobs;

/// <summary>Bounds of what is accepted, far above any real job. A size that leaves 63 bits inside them is a problem of the job, too.</summary>
public static class JobLimits
{
    /// <summary>Tokens.</summary>
    public const long MaxSequenceLength = 100_000_000;

    /// <summary>Sequences.</summary>
    public const long MaxMicroBatchSize = 65_536;

    /// <summary>Sequences of one optimizer step.</summary>
    public const long MaxGlobalBatchSize = 1_000_000_000;

    /// <summary>Ranks of one dimension of parallelism.</summary>
    public const int MaxParallelDegree = 1_000_000;

    /// <summary>GPUs in all.</summary>
    public const long MaxWorldSize = 10_000_000;

    /// <summary>Completions of one prompt.</summary>
    public const int MaxRolloutGroup = 1024;

    /// <summary>Of adapters.</summary>
    public const int MaxLoraRank = 65_536;

    /// <summary>Weights that share a scale.</summary>
    public const int MaxQuantizationGroup = 65_536;

    /// <summary>Names of adapted layers.</summary>
    public const int MaxLoraTargets = 64;

    /// <summary>Modules that predict further tokens.</summary>
    public const int MaxPredictionModules = 16;

    /// <summary>A hundred times an even share.</summary>
    public const int MaxExpertCapacityPercent = 10_000;
}
