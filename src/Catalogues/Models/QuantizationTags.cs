namespace GpuMem.Catalogues.Models;

/// <summary>Tags in names of checkpoints that say how their weights are stored.</summary>
/// <remarks>
/// What a tag stands for, where it leaves something open: 4 bits and nothing else, bitsandbytes' NF4 with quantised scales (the files of unsloth);
/// INT4, w4a16 and AutoRound, groups of 128 (vllm-project/llm-compressor, intel/auto-round); FP4, NVFP4 (the files of nvidia); GGUF, Q4_K_M, which llama.cpp takes when nobody says
/// which (ggml-org/llama.cpp common/arg.cpp).
/// </remarks>
internal static class QuantizationTags
{
    private static readonly (string Text, QuantizationSpec? Stored)[] Tags =
    [
        .. Each(new(QuantizationScheme.FP8), "fp 8", "fp 8 dynamic", "fp 8 static", "fp 8 block", "fp 8 kv", "fp 8 static per tensor"),
        .. Each(new(QuantizationScheme.INT8), "int 8", "w 8 a 8", "8 bit", "bnb 8 bit"),
        .. Each(new(QuantizationScheme.INT4, 128), "int 4", "w 4 a 16", "autoround", "int 4 autoround", "int 4 mixed autoround", "autoround int 4", "autoround 4 bit"),
        .. Each(new(QuantizationScheme.GPTQ4), "gptq", "gptq int 4", "gptq 4 bit"),
        .. Each(new(QuantizationScheme.GPTQ8), "gptq int 8", "gptq 8 bit", "w 8 a 16"),
        .. Each(new(QuantizationScheme.AWQ4), "awq", "awq int 4", "awq 4 bit"),
        .. Each(new(QuantizationScheme.NF4DoubleQuantized), "4 bit", "bnb 4 bit", "nf 4"),
        .. Each(new(QuantizationScheme.NVFP4), "nvfp 4", "fp 4", "nvfp 4 a 16"),
        .. Each(new(QuantizationScheme.MXFP4), "mxfp 4"),
        .. Each(new(QuantizationScheme.HQQ), "hqq"), .. Halved(),
        .. Coded(8, "2 bit"), .. Coded(16, "1 bit"),
        .. Each(new(QuantizationScheme.Q4KM), "gguf"), .. GgufTag.Known.SelectMany(type => File(type.Value, NameTokens.Of(type.Key))),
        .. Each(null, "bf 16", "fp 16", "f 16"),
    ];

    private static readonly (string Text, QuantizationSpec? Stored)[] LongestFirst = [.. Tags.OrderByDescending(tag => tag.Text.Length)];

    /// <summary>The longest at the end of a name's runs, with the blank before it; null when there is none. Nothing is said to be stored where a tag means 16 bits.</summary>
    public static (string Text, QuantizationSpec? Stored)? End(string runs)
    {
        foreach (var tag in LongestFirst)
        {
            if (runs.EndsWith(tag.Text, StringComparison.Ordinal))
                return tag;
        }

        return null;
    }

    private static IEnumerable<(string Text, QuantizationSpec? Stored)> Each(QuantizationSpec? stored, params string[] texts) => texts.Select(text => (' ' + text, stored));

    /// <summary>HQQ's, of any bits and groups that hqq has (mobiusml/hqq core/quantize.py, BaseQuantizeConfig: 64 where nothing is said).</summary>
    private static IEnumerable<(string Text, QuantizationSpec? Stored)> Halved()
    {
        foreach (var bits in (int[])[1, 2, 3, 4, 8])
        {
            foreach (var tag in Each(Of(64), $"{bits} bit hqq", $"hqq {bits} bit"))
                yield return tag;
            foreach (var group in (int[])[8, 16, 32, 64, 128])
            {
                foreach (var tag in Each(Of(group), $"{bits} bit g {group} hqq", $"{bits} bitgs {group} hqq", $"{bits} bitgs {group} hqq calib"))
                    yield return tag;
            }

            QuantizationSpec Of(int group) => new(QuantizationScheme.HQQ, group, bits);
        }
    }

    /// <summary>AQLM's (Vahe1994/AQLM README.md), with one codebook of 16 bits or two of 8.</summary>
    private static IEnumerable<(string Text, QuantizationSpec? Stored)> Coded(int weights, string bits) => [.. Coded("aqlm", weights, bits), .. Coded("aqlm pv", weights, bits)];

    private static IEnumerable<(string Text, QuantizationSpec? Stored)> Coded(string name, int weights, string bits) =>
    [
        .. Each(new(QuantizationScheme.AQLM, weights, 16), $"{name} {bits} 1 x 16", $"{name} {bits} 1 x 16 hf"),
        .. Each(new(QuantizationScheme.AQLM, weights, 8, 2), $"{name} {bits} 2 x 8", $"{name} {bits} 2 x 8 hf"),
    ];

    private static IEnumerable<(string Text, QuantizationSpec? Stored)> File(QuantizationScheme type, string text) => Each(new(type), text, $"{text} gguf", $"ud {text}", $"ud {text} gguf");
}
