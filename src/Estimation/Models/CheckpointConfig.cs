namespace GpuMem.Estimation.Models;

/// <summary>How a checkpoint's weights are stored, as <c>quantization_config</c> says (huggingface/transformers utils/quantization_config.py).</summary>
internal static class CheckpointConfig
{
    private const int DefaultGroup = 128;

    /// <returns>Null when the method is not one we know: the weights then count in 16 bits.</returns>
    public static WeightQuantization? Read(ConfigFields fields)
    {
        // -1 stands for one scale per row.
        var stated = fields.SignedNumber("group_size") ?? DefaultGroup;
        var group = stated is > 0 and <= int.MaxValue ? (int?)stated : null;
        return (fields.Text("quant_method")?.ToLowerInvariant(), fields.Number("bits") ?? 4) switch
        {
            ("gptq", 4) => new(QuantizationScheme.Gptq4, group),
            ("gptq", 8) => new(QuantizationScheme.Gptq8, group),
            ("awq", 4) => new(QuantizationScheme.Awq4, group),
            ("fp8" or "fbgemm_fp8", _) => new(QuantizationScheme.Fp8, SquareBlock(fields)),
            ("mxfp4", _) => new(QuantizationScheme.MxFp4),
            ("bitsandbytes", _) => new(BitsAndBytes(fields)),
            ("modelopt", _) => fields.Text("quant_algo") switch
            {
                "NVFP4" => new(QuantizationScheme.NvFp4),
                "FP8" => new(QuantizationScheme.Fp8),
                _ => null,
            },
            ("compressed-tensors", _) => fields.Text("format") switch
            {
                "float-quantized" => new(QuantizationScheme.Fp8),
                "int-quantized" => new(QuantizationScheme.Int8),
                "pack-quantized" => new(QuantizationScheme.Gptq4, DefaultGroup),
                "nvfp4-pack-quantized" => new(QuantizationScheme.NvFp4),
                _ => null,
            },
            _ => null,
        };
    }

    private static int? SquareBlock(ConfigFields fields) => fields.Numbers("weight_block_size") is [> 0 and <= ushort.MaxValue and var block, ..] ? (int)block : null;

    private static QuantizationScheme BitsAndBytes(ConfigFields fields)
    {
        if (fields.Flag("load_in_8bit") == true)
            return QuantizationScheme.Int8;
        return (fields.Text("bnb_4bit_quant_type"), fields.Flag("bnb_4bit_use_double_quant") == true) switch
        {
            ("nf4", true) => QuantizationScheme.Nf4DoubleQuant,
            ("nf4", false) => QuantizationScheme.Nf4,
            (_, true) => QuantizationScheme.Fp4DoubleQuant,
            _ => QuantizationScheme.Fp4,
        };
    }
}
