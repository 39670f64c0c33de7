namespace GpuMem.Estimation.Ranks;

/// <summary>
/// How routed experts lie on the ranks (Megatron-LM core/parallel_state.py): divided among data-parallel ranks, each cut like the rest of the model unless
/// it is said over how many ranks; where data-parallel ranks do not suffice, tensor-parallel ones are taken too, and experts stay whole.
/// </summary>
/// <param name="Parallel">Ranks over which the experts of a layer are divided.</param>
/// <param name="Tensor">Ranks over which one expert is cut.</param>
public readonly record struct ExpertLayout(int Parallel, int Tensor)
{
    internal static ExpertLayout Of(ParallelismSpec parallelism) => Of(parallelism, DataRanks(parallelism));

    /// <param name="parallelism">All but its data parallel size.</param>
    /// <param name="ranks">Data-parallel ranks, and those among which each of their sequences is divided.</param>
    public static ExpertLayout Of(ParallelismSpec parallelism, long ranks) =>
        new(parallelism.Expert, parallelism.ExpertTensor ?? (parallelism.Expert == 1 || ranks % parallelism.Expert == 0 ? parallelism.Tensor : 1));

    internal static bool IsPossible(ParallelismSpec parallelism) => parallelism.ExpertTensor is { } tensor
        ? (DataRanks(parallelism) * parallelism.Tensor) % ((long)parallelism.Expert * tensor) == 0
        : DataRanks(parallelism) % parallelism.Expert == 0 || (DataRanks(parallelism) * parallelism.Tensor) % parallelism.Expert == 0;

    /// <summary>
    /// What a count of one rank's expert parameters is worth when it is divided over all <paramref name="tensor"/>-parallel rank's data-parallel ranks:
    /// experts have fewer replicas, so each keeps a larger share.
    /// </summary>
    internal long Spread(long experts, int tensor) => Arithmetic.Ratio.DivideUp(checked(experts * Parallel * Tensor), tensor);

    private static long DataRanks(ParallelismSpec parallelism) => (long)parallelism.Data * parallelism.Context;
}
