namespace GpuMem.Estimation.Ranks;

/// <summary>
/// How routed experts lie on the ranks (Megatron-LM core/parallel_state.py). Expert parallelism is carved out of the data-parallel ranks and each
/// expert is cut like the rest of the model, unless it is said over how many ranks; where those ranks do not suffice, it takes the tensor-parallel ones
/// too and experts stay whole.
/// </summary>
/// <param name="Parallel">Ranks over which the experts of a layer are divided.</param>
/// <param name="Tensor">Ranks over which one expert is cut.</param>
internal readonly record struct ExpertLayout(int Parallel, int Tensor)
{
    public static ExpertLayout Of(ParallelismSpec parallelism) =>
        new(parallelism.Expert, parallelism.ExpertTensor ?? (parallelism.Expert == 1 || DataRanks(parallelism) % parallelism.Expert == 0 ? parallelism.Tensor : 1));

    public static bool IsPossible(ParallelismSpec parallelism) => parallelism.ExpertTensor is { } tensor
        ? (DataRanks(parallelism) * parallelism.Tensor) % ((long)parallelism.Expert * tensor) == 0
        : DataRanks(parallelism) % parallelism.Expert == 0 || (DataRanks(parallelism) * parallelism.Tensor) % parallelism.Expert == 0;

    /// <summary>
    /// What a count of one rank's expert parameters is worth when it is divided over all <paramref name="tensor"/>-parallel rank's data-parallel ranks:
    /// experts have fewer replicas, so each keeps a larger share.
    /// </summary>
    public long Spread(long experts, int tensor) => Arithmetic.Ratio.DivideUp(checked(experts * Parallel * Tensor), tensor);

    private static long DataRanks(ParallelismSpec parallelism) => (long)parallelism.Data * parallelism.Context;
}
