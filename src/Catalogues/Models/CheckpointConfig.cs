namespace GpuMem.Catalogues.Models;

/// <summary>How a checkpoint's weights are stored, as <c>quantization_config</c> says (huggingface/transformers utils/quantization_config.py).</summary>
internal static class CheckpointConfig
{
    private const int DefaultGroup = 128;

    /// <returns>Null when the method is not one we know: the weights then count in 16 bits.</returns>
    public static QuantizationSpec? Read(ConfigFields fields)
    {
        // -1 stands for one scale per row, which the usual group exceeds.
        var stated = fields.SignedNumber("group_size") ?? DefaultGroup;
        var group = stated is > 0 and <= ushort.MaxValue ? (int?)stated : null;
        return (fields.Text("quant_method")?.ToLowerInvariant(), fields.Number("bits") ?? 4) switch
        {
            ("gptq", 4) => new(QuantizationScheme.GPTQ4, group),
            ("gptq", 8) => new(QuantizationScheme.GPTQ8, group),
            ("awq", 4) => new(QuantizationScheme.AWQ4, group),
            ("fp8" or "fbgemm_fp8", _) => new(QuantizationScheme.FP8),
            ("mxfp4", _) => new(QuantizationScheme.MXFP4),
            ("bitsandbytes", _) => new(BitsAndBytes(fields)),
            ("modelopt", _) => fields.Text("quant_algo") switch
            {
                "NVFP4" => new(QuantizationScheme.NVFP4),
                "FP8" => new(QuantizationScheme.FP8),
                _ => null,
            },
            ("compressed-tensors", _) => fields.Text("format") switch
            {
                "float-quantized" => new(QuantizationScheme.FP8),
                "int-quantized" => new(QuantizationScheme.INT8),
                "pack-quantized" => new(QuantizationScheme.GPTQ4, DefaultGroup),
                "nvfp4-pack-quantized" => new(QuantizationScheme.NVFP4),
                _ => null,
            },
            _ => null,
        };
    }

    private static QuantizationScheme BitsAndBytes(ConfigFields fields)
    {
        if (fields.Flag("load_in_8bit") == true)
            return QuantizationScheme.INT8;
        return (fields.Text("bnb_4bit_quant_type"), fields.Flag("bnb_4bit_use_double_quant") == true) switch
        {
            ("nf4", true) => QuantizationScheme.NF4DoubleQuantized,
            ("nf4", false) => QuantizationScheme.NF4,
            (_, true) => QuantizationScheme.FP4DoubleQuantized,
            _ => QuantizationScheme.FP4,
        };
    }
}
