namespace GpuMem.Estimation.Jobs;

/// <summary>
/// Parts of a layer that selective recomputation computes again in backward, as Megatron names them (megatron/training/arguments.py,
/// recompute_modules).
/// </summary>
[Flags]
public enum RecomputeModules
{
    /// <summary>None is named.</summary>
    None = 0,

    /// <summary>The results of norms that are modules of their own: before experts, and before latent attention.</summary>
    Norms = 1,

    /// <summary>A dense feed-forward, from its input on.</summary>
    FeedForward = 2,

    /// <summary>The product of gate and value inside routed experts.</summary>
    ExpertActivation = 4,

    /// <summary>Router and experts, from their input on.</summary>
    Experts = 8,

    /// <summary>The experts that every token passes.</summary>
    SharedExperts = 16,

    /// <summary>Queries, keys and values that latent attention makes for each head.</summary>
    LatentUpProjection = 32,

    /// <summary>Scores and softmax, or their statistics. All that is recomputed when nothing is named.</summary>
    AttentionCore = 64,
}

/// <summary>The modules by the names that Megatron's --recompute-modules takes.</summary>
public static class RecomputeModuleNames
{
    private static readonly (string Name, RecomputeModules Module)[] All =
    [
        ("core_attn", RecomputeModules.AttentionCore),
        ("layernorm", RecomputeModules.Norms),
        ("mla_up_proj", RecomputeModules.LatentUpProjection),
        ("mlp", RecomputeModules.FeedForward),
        ("moe", RecomputeModules.Experts),
        ("moe_act", RecomputeModules.ExpertActivation),
        ("shared_experts", RecomputeModules.SharedExperts),
    ];

    /// <summary>All names, in alphabetical order.</summary>
    public static IEnumerable<string> Known => All.Select(entry => entry.Name);

    /// <summary>By the name that Megatron gives it; false for another.</summary>
    public static bool TryFind(string name, out RecomputeModules module)
    {
        module = Array.Find(All, entry => entry.Name == name).Module;
        return module != RecomputeModules.None;
    }
}
