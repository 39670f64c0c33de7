namespace GpuMem.Estimation.Jobs;

/// <summary>Number formats of tensors. TF32 is a mode of computation: its tensors are FP32.</summary>
public enum DataType
{
    FP32,
    TF32,
    FP16,
    BF16,
    FP8,
    MXFP8,
    NVFP4,

    /// <summary>Block-wise eight bits with an fp32 scale per 256 elements, as 8-bit optimizers keep their moments.</summary>
    INT8,
}

/// <summary>The types in which a run keeps its tensors, where they are not those of a framework's usual recipe.</summary>
public sealed record DataTypes
{
    /// <summary>Of matrix products and activations.</summary>
    public required DataType Compute { get; init; }

    /// <summary>Of the persistent weights; with quantisation, of those that are not quantised.</summary>
    public required DataType Weights { get; init; }

    /// <summary>Of a separate copy that the optimizer updates; null when the weights are that copy.</summary>
    public DataType? Master { get; init; }

    /// <summary>Of the gradients of trained weights, or the buffer that accumulates them.</summary>
    public required DataType Gradients { get; init; }

    /// <summary>Of a second copy of the gradients that coexists with the first.</summary>
    public DataType? GradientCopy { get; init; }

    /// <summary>Of each optimizer moment.</summary>
    public required DataType Moments { get; init; }

    /// <summary>Of adapter weights; null: as <see cref="Weights"/>.</summary>
    public DataType? Adapters { get; init; }
}

internal static class DataTypeSize
{
    /// <summary>Whole bytes per element; scales are added where the format's blocks are known.</summary>
    public static int Bytes(this DataType type) => type switch
    {
        DataType.FP32 or DataType.TF32 => 4,
        DataType.FP16 or DataType.BF16 => 2,
        _ => 1,
    };

    /// <summary>Formats narrower than 16 bits are used inside matrix products only; what is kept between them has 16 bits.</summary>
    public static int ActivationBytes(this DataType type) => Math.Max(2, type.Bytes());

    public static bool IsNarrow(this DataType type) => type is DataType.FP8 or DataType.MXFP8 or DataType.NVFP4;
}
