using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Speed;

/// <summary>Over how many ranks the experts of a layer are divided, and over how many one of them is cut (Megatron-LM, core/parallel_state.py).</summary>
/// <param name="Parallel">Ranks that have different experts.</param>
/// <param name="Tensor">Ranks that have a part of the same.</param>
internal readonly record struct ExpertRanks(int Parallel, int Tensor)
{
    /// <summary>Where the data-parallel ranks do not suffice for expert parallelism it takes the tensor-parallel ones, and experts stay whole.</summary>
    public static ExpertRanks Of(ParallelismSpec layout, long data) =>
        new(layout.Expert, layout.ExpertTensor ?? (data * layout.Context % layout.Expert == 0 ? layout.Tensor : 1));
}
