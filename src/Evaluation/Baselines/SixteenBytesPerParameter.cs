using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Baselines;

/// <summary>
/// The rule of thumb from ZeRO's mixed-precision count (arXiv 1910.02054, section 3.1): 2 bytes of weights, 2 of gradients and 12 of optimizer
/// state per parameter, divided over the GPUs that hold one copy of the states. It knows no activations, no logits, no buffers.
/// </summary>
public static class SixteenBytesPerParameter
{
    private const double BytesPerParameter = 16;

    public static double PerGpu(MeasuredCase item)
    {
        var layout = item.Parallel;
        var sharded = item.Sharding.ZeroStage == 3 || item.Sharding.Fsdp != CaseFsdp.None;
        var copies = (double)layout.Tensor * layout.Pipeline * (sharded ? layout.Data * layout.Context : 1);
        return BytesPerParameter * item.Model.Parameters / copies;
    }
}
