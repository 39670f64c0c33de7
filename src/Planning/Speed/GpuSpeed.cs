using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Speed;

/// <summary>What a kind of GPU computes and sends in a second, as far as one placement is to be preferred to another. No promise to anybody.</summary>
/// <param name="Gpu">The catalogue's entry.</param>
internal sealed record GpuSpeed(GpuModel Gpu)
{
    // Bytes per second in one direction: PCIe 4.0 x16 with its overhead, and the 200 Gb/s of network for each GPU below which sharded training is not advised.
    private const double Pcie = 25e9;
    private const double Network = 25e9;

    // Where a board links its GPUs and nobody says how fast: as NVLink 3 does.
    private const double Link = 300e9;

    // Of FP32 on the same card, without and with TF32, over BF16: 67 and 494 of 989 TFLOP/s on an H100, 19.5 and 156 of 312 on an A100.
    private const double Fp32Share = 1.0 / 16;
    private const double Tf32Share = 0.5;

    /// <summary>Null when the catalogue does not know how fast the product is.</summary>
    public static GpuSpeed? Of(string product) =>
        GpuCatalogue.TryFind(product, out var gpu) && (gpu.Bf16Teraflops ?? gpu.Fp16Teraflops) is > 0 ? new GpuSpeed(gpu) : null;

    /// <summary>GPUs of a node reach each other over NVLink or the like.</summary>
    public bool IsLinked => Gpu.NvLinkDomain > 2;

    /// <summary>Peak operations per second in the types of a recipe.</summary>
    public double Flops(Precision precision)
    {
        var narrow = (Gpu.Bf16Teraflops ?? Gpu.Fp16Teraflops)!.Value;
        return 1e12 * precision switch
        {
            Precision.FP32 => narrow * Fp32Share,
            Precision.TF32 => narrow * Tf32Share,
            Precision.FP8 => Gpu.Fp8Teraflops ?? narrow,
            _ => narrow,
        };
    }

    /// <summary>Operations that take as long as it takes to read one element of two bytes from memory; zero where nobody says how fast the memory is.</summary>
    public double OperationsPerByte(Precision precision) => Gpu.BandwidthGBs is { } bandwidth ? Flops(precision) / (bandwidth * 1e9) : 0;

    /// <summary>Bytes per second between ranks of a group, in one direction.</summary>
    /// <param name="ranks">Neighbouring GPUs that the group spans.</param>
    /// <param name="gpusPerNode">Of one pod.</param>
    public double Bytes(long ranks, int gpusPerNode) => ranks switch
    {
        _ when IsLinked && ranks <= Pool.LinkedGpus(Gpu.NvLinkDomain, gpusPerNode) => Gpu.LinkGBs / 2 * 1e9 ?? Link,
        _ when ranks <= gpusPerNode => Pcie,
        _ => Network,
    };
}
