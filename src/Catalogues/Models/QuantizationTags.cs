namespace GpuMem.Catalogues.Models;

/// <summary>Tags in names of checkpoints that say how their weights are stored.</summary>
/// <remarks>
/// What a tag stands for, where it leaves something open: 4 bits and nothing else, bitsandbytes' NF4 with quantised scales (as in the files of
/// unsloth); INT4 and w4a16, groups of 128 as GPTQ stores them (vllm-project/llm-compressor); FP4, NVFP4 (nvidia's files); GGUF, Q4_K_M, which
/// llama.cpp takes when nobody says which (ggml-org/llama.cpp common/arg.cpp), nearest to 4 bits in groups of 32.
/// </remarks>
internal static class QuantizationTags
{
    private static readonly (string Text, QuantizationSpec? Stored)[] Tags =
    [
        .. Each(new(QuantizationScheme.FP8), "fp 8", "fp 8 dynamic", "fp 8 static", "fp 8 block", "fp 8 kv"),
        .. Each(new(QuantizationScheme.INT8), "int 8", "w 8 a 8", "8 bit", "bnb 8 bit"),
        .. Each(new(QuantizationScheme.GPTQ4), "gptq", "gptq int 4", "gptq 4 bit", "int 4", "w 4 a 16", "gptq w 4 a 16"),
        .. Each(new(QuantizationScheme.GPTQ8), "gptq int 8", "gptq 8 bit", "w 8 a 16"),
        .. Each(new(QuantizationScheme.AWQ4), "awq", "awq int 4", "awq 4 bit", "awq w 4 a 16"),
        .. Each(new(QuantizationScheme.NF4DoubleQuantized), "4 bit", "bnb 4 bit", "nf 4"),
        .. Each(new(QuantizationScheme.NVFP4), "nvfp 4", "fp 4", "nvfp 4 a 16"),
        .. Each(new(QuantizationScheme.MXFP4), "mxfp 4"),
        .. Each(new(QuantizationScheme.GPTQ4, 32), "gguf", "q 4 k m", "q 4 k m gguf", "q 4 k s", "q 4 0", "q 4 0 gguf"),
        .. Each(new(QuantizationScheme.GPTQ8, 32), "q 8 0", "q 8 0 gguf"),
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
}
