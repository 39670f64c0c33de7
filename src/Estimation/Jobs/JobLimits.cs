namespace GpuMem.Estimation.Jobs;

/// <summary>Bounds of what is accepted, far above any real job: inside them no intermediate product leaves 128 bits.</summary>
public static class JobLimits
{
    public const long MaxSequenceLength = 100_000_000;

    public const long MaxMicroBatchSize = 65_536;

    public const long MaxGlobalBatchSize = 1_000_000_000;

    public const int MaxParallelDegree = 1_000_000;

    public const int MaxLoraRank = 65_536;
}
