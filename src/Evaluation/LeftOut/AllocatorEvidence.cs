using GpuMem.Estimation.Calibration;

namespace GpuMem.Evaluation.LeftOut;

/// <summary>What the runs of a file say about one line of the allocator table.</summary>
/// <param name="Use">The line of the table.</param>
/// <param name="Cases">How many runs with reserved or process memory there are.</param>
/// <param name="Sources">How many publishers these runs come from.</param>
/// <param name="Median">The slack with which half of these runs are above the expected size, as a share; null without any run.</param>
public sealed record AllocatorEvidence(AllocatorUse Use, int Cases, int Sources, double? Median);
