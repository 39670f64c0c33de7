using System.Globalization;
using GpuMem.Catalogues.Models;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Serving;

/// <summary>Values as engines spell them on their own command lines, beside our names.</summary>
public static class EngineSpellings
{
    // What an engine finds out for itself is as if it were not said.
    private const string Auto = "auto";

    private const int Thousand = 1000;
    private const int Binary = 1024;

    public static KeyValueCacheType? CacheType(string value) => value switch
    {
        "fp8_e4m3" or "fp8_e4m3fn" or "fp8_e5m2" or "fp8_inc" => KeyValueCacheType.FP8,
        "fp8_ds_mla" => KeyValueCacheType.FP8DeepSeek,
        "bfloat16" => KeyValueCacheType.BF16,
        "float16" or "half" or "f16" => KeyValueCacheType.FP16,
        "float32" or "f32" => KeyValueCacheType.FP32,
        "q8_0" => KeyValueCacheType.Q8,
        "q4_0" => KeyValueCacheType.Q4,
        "fp4_e2m1" => KeyValueCacheType.NVFP4,
        _ => null,
    };

    public static DataType? Weights(string value) => value switch
    {
        "half" or "float16" => DataType.FP16,
        "bfloat16" => DataType.BF16,
        "float" or "float32" => DataType.FP32,
        _ => null,
    };

    public static QuantizationScheme? Quantization(string value) => value switch
    {
        "awq" or "awq_marlin" => QuantizationScheme.AWQ4,
        "gptq" or "gptq_marlin" or "gptq_bitblas" => QuantizationScheme.GPTQ4,
        "fbgemm_fp8" or "ptpc_fp8" or "modelopt" or "w8a8_fp8" => QuantizationScheme.FP8,
        "modelopt_fp4" or "petit_nvfp4" => QuantizationScheme.NVFP4,
        "modelopt_mxfp8" => QuantizationScheme.MXFP8,
        "gpt_oss_mxfp4" => QuantizationScheme.MXFP4,
        "bitsandbytes" => QuantizationScheme.NF4,
        "experts_int8" or "w8a8_int8" => QuantizationScheme.INT8,
        _ => GgufTag.Plain(value),
    };

    /// <summary>TGI's own, to which bitsandbytes alone means 8 bits (text-generation-inference launcher/src/main.rs, Quantization).</summary>
    public static QuantizationScheme? TgiQuantization(string value) => value switch
    {
        "bitsandbytes" or "eetq" => QuantizationScheme.INT8,
        "bitsandbytes-nf4" => QuantizationScheme.NF4,
        "bitsandbytes-fp4" => QuantizationScheme.FP4,
        "marlin" => QuantizationScheme.GPTQ4,
        _ => Quantization(value),
    };

    /// <summary>The format of a checkpoint that says nothing else, where one that does is read as it says (vllm/model_executor/layers/quantization/modelopt.py, override_quantization_method).</summary>
    public static bool YieldsToCheckpoint(string value) => value == "modelopt";

    /// <summary>The format is read from the checkpoint, which must have it.</summary>
    public static bool IsOfCheckpoint(string value) => value.Replace('_', '-') is "compressed-tensors" or "quark" or "auto-round" or "inc";

    /// <summary>
    /// A length such as 8192, 32K (32 · 1024) or 128k (128 000), as vllm/engine/arg_utils.py reads it (human_readable_int): capital letters stand for powers
    /// of 1024, small ones for powers of 1000. Null when the text is no length.
    /// </summary>
    public static long? ReadLength(string text)
    {
        if (text.Length == 0)
            return null;
        var (step, power) = text[^1] switch
        {
            'k' => (Thousand, 1),
            'm' => (Thousand, 2),
            'g' => (Thousand, 3),
            'K' => (Binary, 1),
            'M' => (Binary, 2),
            'G' => (Binary, 3),
            _ => (1, 0),
        };
        var digits = power == 0 ? text : text[..^1];
        var style = step == Thousand ? NumberStyles.AllowDecimalPoint : NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) || Math.Abs(number) > long.MaxValue / 1_000_000_000_000)
            return power == 0 && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var plain) ? plain : null;
        for (; power > 0; power--)
            number *= step;
        return decimal.Truncate(number) == number ? (long)number : null;
    }

    /// <summary>What one of our names or of an engine's stands for, in any case; null for <c>auto</c> and for what is neither.</summary>
    public static T? Read<T>(Func<string, T?> engines, string value)
        where T : struct, Enum
    {
        if (engines(value.ToLowerInvariant()) is { } spelled)
            return spelled;

        // By name alone: numbers are no names, though they can be parsed.
        return Array.Find(Enum.GetNames<T>(), name => name.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } own ? Enum.Parse<T>(own) : null;
    }

    /// <summary>Left to the engine.</summary>
    public static bool IsAuto(string value) => value.Equals(Auto, StringComparison.OrdinalIgnoreCase);
}
