namespace GpuMem.Estimation.Jobs;

/// <summary>Parts of a layer that selective recomputation computes again in backward, as Megatron names them (megatron/training/arguments.py, recompute_modules).</summary>
[Flags]
public enum RecomputeModules
{
    None = 0,

    /// <summary>The results of both norms.</summary>
    Norms = 1,

    /// <summary>A dense feed-forward, from its input on.</summary>
    FeedForward = 2,

    /// <summary>The product of gate and value inside routed experts.</summary>
    ExpertActivation = 4,

    /// <summary>Router and experts, from their input on.</summary>
    Experts = 8,

    SharedExperts = 16,

    /// <summary>Queries, keys and values that latent attention makes for each head.</summary>
    LatentUpProjection = 32,
}
