namespace GpuMem.Catalogues.Models;

/// <summary>The format that a few fields of a quantisation describe; null when they describe none that is known.</summary>
internal static class StoredFormat
{
    /// <summary>What NVIDIA's ModelOpt calls its formats (modelopt/torch/export/quant_utils.py).</summary>
    public static QuantizationSpec? OfAlgorithm(string? name, int? group) => name switch
    {
        null => null,
        _ when name.Contains("NVFP4", StringComparison.Ordinal) => new(QuantizationScheme.NVFP4),
        _ when name.Contains("MXFP4", StringComparison.Ordinal) => new(QuantizationScheme.MXFP4),
        _ when name.Contains("MXFP8", StringComparison.Ordinal) => new(QuantizationScheme.MXFP8),
        _ when name.StartsWith("FP8", StringComparison.Ordinal) => new(QuantizationScheme.FP8),
        _ when name.StartsWith("W4", StringComparison.Ordinal) => new(QuantizationScheme.INT4, group),
        _ when name.StartsWith("W8", StringComparison.Ordinal) || name == "INT8_SQ" => new(QuantizationScheme.INT8),
        _ => null,
    };

    /// <summary>The weights of a group of compressed-tensors, or of ModelOpt's copy of its form (compressed_tensors quantization/quant_args.py).</summary>
    /// <param name="weights">The field of that name.</param>
    /// <param name="format">How they are packed, where it is said.</param>
    public static QuantizationSpec? OfWeights(ConfigFields weights, string? format)
    {
        var group = Group(weights);
        return (weights.Text("type"), weights.Number("num_bits") ?? 8) switch
        {
            ("float", 4) => new(format?.Contains("mxfp4", StringComparison.Ordinal) == true || group == 32 ? QuantizationScheme.MXFP4 : QuantizationScheme.NVFP4),
            ("float", 8) => new(group == 32 ? QuantizationScheme.MXFP8 : QuantizationScheme.FP8),
            ("int" or null, 4) => weights.Flag("symmetric") == false ? new(QuantizationScheme.GPTQ4, group) : new(QuantizationScheme.INT4, group),
            ("int" or null, 8) => new(QuantizationScheme.INT8),
            _ => null,
        };
    }

    /// <summary>What the packing of compressed-tensors alone says (compressed_tensors config/base.py, CompressionFormat).</summary>
    public static QuantizationSpec? OfPacking(string? format) => format switch
    {
        "float-quantized" or "naive-quantized" => new(QuantizationScheme.FP8),
        "int-quantized" => new(QuantizationScheme.INT8),
        "pack-quantized" => new(QuantizationScheme.INT4),
        "nvfp4-pack-quantized" => new(QuantizationScheme.NVFP4),
        "mxfp4-pack-quantized" => new(QuantizationScheme.MXFP4),
        _ => null,
    };

    /// <summary>What AMD's Quark does to the weights of a layer (quark/torch/quantization/config/type.py, Dtype); null where it does it twice, as a list says.</summary>
    public static QuantizationSpec? OfQuark(ConfigFields? layer) => layer?.Nested("weight") is not { } weight ? null : (weight.Text("dtype"), weight.Text("scale_format")) switch
    {
        ("fp4", "e8m0") => new(QuantizationScheme.MXFP4),
        ("fp8_e4m3", "e8m0") => new(QuantizationScheme.MXFP8),
        ("fp8_e4m3" or "fp8_e5m2", _) => new(QuantizationScheme.FP8),
        ("int8" or "uint8", _) => new(QuantizationScheme.INT8),
        ("int4", _) => new(QuantizationScheme.INT4, Group(weight)),
        ("uint4", _) => new(QuantizationScheme.GPTQ4, Group(weight)),
        _ => null,
    };

    /// <summary>
    /// torchao's configuration of all linear layers, an object or, before 0.10, a word. Its 4-bit weights for 8-bit activations stand in bytes until they are
    /// lowered to a device (torchao quantization/quant_api.py).
    /// </summary>
    public static QuantizationSpec? OfTorchao(ConfigFields fields)
    {
        var usual = fields.Nested("quant_type")?.Nested("default");
        var name = (usual?.Text("_type") ?? (fields.Nested("quant_type") is null ? fields.Text("quant_type") : null))?.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        return name switch
        {
            "int4weightonly" or "int4weightonlyconfig" => new(QuantizationScheme.GPTQ4, Group(usual?.Nested("_data") ?? fields.Nested("quant_type_kwargs") ?? fields)),
            not null when name.StartsWith("int8", StringComparison.Ordinal) => new(QuantizationScheme.INT8),
            not null when name.StartsWith("float8", StringComparison.Ordinal) => new(QuantizationScheme.FP8),
            _ => null,
        };
    }

    /// <summary>
    /// HQQ's configuration of all linear layers, or of those of one name (transformers utils/quantization_config.py, HqqConfig); null where scales are quantised
    /// themselves or wait on the host, as before hqq 0.2.
    /// </summary>
    public static QuantizationSpec? OfHqq(ConfigFields? layer) =>
        layer?.Nested("weight_quant_params") is { } weights && weights.Number("nbits") is (1 or 2 or 3 or 4 or 8) and var bits
        && layer.Nested("scale_quant_params") is null && layer.Nested("zero_quant_params") is null && layer.Flag("offload_meta") != true
            ? new(QuantizationScheme.HQQ, Group(weights), (int)bits)
            : null;

    /// <summary>AQLM's codes (transformers utils/quantization_config.py, AqlmConfig, whose defaults they are).</summary>
    public static QuantizationSpec? OfAqlm(ConfigFields fields)
    {
        const int mostCodebooks = 64;
        var (rows, columns) = (fields.Number("out_group_size") ?? 1, fields.Number("in_group_size") ?? 8);
        return fields.Number("nbits_per_codebook") is null or (>= 1 and <= 16) && fields.Number("num_codebooks") is null or (>= 1 and <= mostCodebooks)
            && rows is >= 1 and <= byte.MaxValue && columns is >= 1 and <= byte.MaxValue
                ? new(QuantizationScheme.AQLM, (int)(rows * columns), (int)(fields.Number("nbits_per_codebook") ?? 16), (int)(fields.Number("num_codebooks") ?? 1))
                : null;
    }

    /// <summary>The type that the name of a GGUF file ends with, or that is stated alone.</summary>
    public static QuantizationSpec? OfFile(string? name) => name is not null && GgufTag.In(name) is { } scheme ? new(scheme) : null;

    public static QuantizationSpec BitsAndBytes(ConfigFields fields)
    {
        if (fields.Flag("load_in_8bit") == true)
            return new(QuantizationScheme.INT8);
        return (fields.Text("bnb_4bit_quant_type"), fields.Flag("bnb_4bit_use_double_quant") == true) switch
        {
            ("nf4", true) => new(QuantizationScheme.NF4DoubleQuantized),
            ("nf4", false) => new(QuantizationScheme.NF4),
            (_, true) => new(QuantizationScheme.FP4DoubleQuantized),
            _ => new(QuantizationScheme.FP4),
        };
    }

    /// <summary>Weights per scale; -1 stands for one scale per row, which the usual group exceeds.</summary>
    public static int? Group(ConfigFields fields) => fields.SignedNumber("group_size") is > 0 and <= ushort.MaxValue and var size ? (int)size : null;
}
