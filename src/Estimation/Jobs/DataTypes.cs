namespace GpuMem.Estimation.Jobs;

/// <summary>Number formats of tensors. TF32 is a mode of computation: its tensors are FP32.</summary>
public enum DataType
{
    /// <summary>Four bytes.</summary>
    FP32,

    /// <summary>Four bytes; products are made of 19 bits.</summary>
    TF32,

    /// <summary>Two bytes.</summary>
    FP16,

    /// <summary>Two bytes.</summary>
    BF16,

    /// <summary>Eight bits of floating point, one byte.</summary>
    FP8,

    /// <summary>Eight bits with a shared scale for 32 elements.</summary>
    MXFP8,

    /// <summary>Four bits with a shared scale for 16 elements.</summary>
    NVFP4,

    /// <summary>Block-wise eight bits with an fp32 scale per 256 elements, as 8-bit optimizers keep their moments.</summary>
    INT8,
}

/// <summary>The number format of a second copy of tensors, or that there is none.</summary>
public enum CopyType
{
    /// <summary>There is no copy.</summary>
    None,

    /// <summary>Two bytes.</summary>
    BF16,

    /// <summary>Two bytes.</summary>
    FP16,

    /// <summary>Four bytes.</summary>
    FP32,
}

/// <summary>
/// The types in which a run keeps its tensors, where the author states them. What is null follows from <see cref="TrainingSpec.Precision"/>, the
/// framework and the types that are stated.
/// </summary>
public sealed record DataTypes
{
    /// <summary>Of matrix products and of the activations kept for backward.</summary>
    public DataType? Compute { get; init; }

    /// <summary>Of the persistent weights; with quantisation, of those that are not quantised.</summary>
    public DataType? Weights { get; init; }

    /// <summary>Of a separate copy that the optimizer updates; <see cref="CopyType.None"/> when the weights are that copy.</summary>
    public CopyType? MasterWeights { get; init; }

    /// <summary>Of the gradients of trained weights, or of the buffer that accumulates them.</summary>
    public DataType? Gradients { get; init; }

    /// <summary>Of a second copy of the gradients that lives during the optimizer step.</summary>
    public CopyType? GradientCopy { get; init; }

    /// <summary>Of each optimizer moment.</summary>
    public DataType? Moments { get; init; }

    /// <summary>Of the adapters' weights.</summary>
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

    /// <summary>Bytes per element; 0 where there is no copy.</summary>
    public static int Bytes(this CopyType type) => type switch
    {
        CopyType.None => 0,
        CopyType.FP32 => 4,
        _ => 2,
    };

    /// <summary>Formats narrower than 16 bits are used inside matrix products only; what is kept between them has 16 bits.</summary>
    public static int ActivationBytes(this DataType type) => Math.Max(2, type.Bytes());

    public static bool IsNarrow(this DataType type) => type is DataType.FP8 or DataType.MXFP8 or DataType.NVFP4;
}
