namespace GpuMem.Estimation.Calibration;

/// <summary>Bytes that were fitted to the runs of one program because its code, as read, does not say which tensors they are.</summary>
internal static class FittedBytes
{
    /// <summary>Per logit of modelscope/ms-swift of early 2024: the 18 runs of one document. Its parts are not proven.</summary>
    public static readonly (int Expected, int Upper) MsSwiftLogit = (36, 40);

    /// <summary>Per logit of Lightning-AI/litgpt, all of whose chunks wait for backward: the runs of its tutorials.</summary>
    public static readonly (int Expected, int Upper) LitGPTLogit = (10, 12);

    /// <summary>Per weight of litgpt's quantised output matrix in use: what its tutorials show beyond the weights of each format.</summary>
    public const int LitGPTHead = 4;

    /// <summary>What vLLM reckons for the graph of one size when it profiles (gpu_model_runner.py, profile_cudagraph_memory): the median of ten servers (docs/estimation.md).</summary>
    public const long VllmGraph = 32 * Bytes.PerMiB;

    /// <summary>Per logit of one rank when torchtitan divides the vocabulary: the runs of its benchmarks.</summary>
    public const int TorchtitanDividedLogit = 18;
}
