namespace GpuMem.Planning.Search;

/// <summary>Fields of a job that its author left to the planner (Auto).</summary>
[Flags]
public enum OpenFields
{
    None = 0,
    Data = 1,
    Tensor = 2,
    Pipeline = 4,
    Context = 8,
    Expert = 16,
    Sharding = 32,
    Recompute = 64,

    /// <summary>At a given global batch size: accumulation makes up for it.</summary>
    MicroBatchSize = 128,
}
