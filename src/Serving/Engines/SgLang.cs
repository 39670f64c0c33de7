namespace GpuMem.Serving.Engines;

/// <summary>SGLang: what it sets aside, and the defaults that it chooses by the memory of the card (sglang/srt/server_args.py).</summary>
internal static class SgLang
{
    private const long LargeGpu = 60 * Bytes.PerGiB;
    private const decimal UsualWindow = 0.8m;
    private const decimal UsualStates = 0.9m;

    // Up to so many GiB of memory: tokens of a chunk, sequences of the largest graph, and the same with tensor parallelism of 4 and above.
    private static readonly (long Below, long Chunk, long Graph, long DividedGraph)[] Tiers =
        [(20, 2048, 8, 8), (35, 2048, 24, 80), (60, 4096, 32, 160), (160, 8192, 256, 512), (long.MaxValue, 16_384, 512, 512)];

    public static (long Tokens, long Sequences) Defaults(int tensor, Bytes memory)
    {
        var tier = Array.Find(Tiers, tier => memory.Value / Bytes.PerGiB < tier.Below);
        return (tier.Chunk, tensor >= 4 ? tier.DividedGraph : tier.Graph);
    }

    /// <summary>
    /// The static share holds weights and cache; the rest of the process lives in what is set aside. It is a share of what is free before weights are
    /// loaded, when context and communicators are there (sglang/srt/model_executor/model_runner_kv_cache_mixin.py, profile_max_num_token).
    /// </summary>
    public static long Static(InferenceSpec spec, long total)
    {
        var free = checked(total - ProcessOverhead.CudaContext.Expected - EngineOverheads.Nccl(spec).Expected);
        return EngineBudget.Share(spec.MemoryFraction ?? Fraction(spec, total), Math.Max(0, free));
    }

    /// <summary>Of the whole card, what is not set aside, in thousandths, and less of it for pictures (server_args.py, mem_fraction_static).</summary>
    private static decimal Fraction(InferenceSpec spec, long total)
    {
        var share = total <= 0 ? 0 : Math.Max(0, Math.Round(1 - (ReservedMiB(spec, total) * Bytes.PerMiB / (decimal)total), decimals: 3));
        return spec is { TextOnly: false, Model.PictureComplexity: > 0 and var complexity } ? share * BesidePictures(complexity) : share;
    }

    /// <summary>
    /// 95 % where the model has a tower for pictures, and a tenth less for each ViT-L/14 that the tower is larger by (server_args.py,
    /// adjust_mem_fraction_for_vlm; of Kimi K2.5 on 288 GB its log says 234.2 GB of the 283.6 that were free, 0.826 for 0.908).
    /// </summary>
    private static decimal BesidePictures(long complexity) => 0.95m * Math.Clamp(1 - (0.1m * ((complexity / (24m * 1024 * 1024)) - 1)), 0.8m, 1.05m);

    /// <summary>
    /// Scales of MXFP4 experts that an FP8 checkpoint has (DeepSeek V4) are loaded in fp32, four bytes for 32 weights (sglang/srt/layers/quantization/fp8.py,
    /// create_fp8_moe_weight_), and kernels read others made of them. With Marlin the loaded ones stay beside those in releases before the change of
    /// sgl-project/sglang#29797, which measured 79.05 GB of weights with them and 67.57 without; which other kernels keep them depends on the GPU and the release.
    /// </summary>
    /// <param name="spec">The server.</param>
    /// <param name="weights">Weights of the rank's experts.</param>
    /// <returns>Bytes beside the experts as kernels read them.</returns>
    public static Amount LoadedScales(InferenceSpec spec, long weights)
    {
        var scales = new Ratio(4, 32).Of(weights);
        if (!spec.MarlinExperts || spec.EngineVersion is not { } version)
            return new Amount(0, scales);

        // The issue is of 1 July 2026, before 0.5.15; a change of 21 July builds on what it asked for.
        if (TrainerVersions.Compare(version, "0.5.15") < 0)
            return Amount.Exactly(scales);
        return TrainerVersions.Compare(version, "0.5.17") < 0 ? new Amount(0, scales) : default;
    }

    /// <summary>
    /// A second copy of the scales of NVFP4 experts, a byte for 16 weights (sglang/srt/layers/quantization/modelopt_quant.py, w13_blockscale_swizzled). Marlin,
    /// which runs them on GPUs before Blackwell, never reads it: sgl-project/sglang#38092 measured 3.5 GiB of each of two GPUs, in September 2026. Later
    /// releases may be without, and whether other kernels drop the first copy depends on the release.
    /// </summary>
    /// <param name="spec">The server.</param>
    /// <param name="weights">Weights of the rank's experts.</param>
    public static Amount SwizzledScales(InferenceSpec spec, long weights)
    {
        var scales = new Ratio(1, 16).Of(weights);
        return spec is { MarlinExperts: true, EngineVersion: { } version } && TrainerVersions.Compare(version, "0.5.17") < 0 ? Amount.Exactly(scales) : new Amount(0, scales);
    }

    /// <summary>
    /// Tokens for which layers with a window have room: four for five of the others, however long the window is (sglang/srt/server_args.py,
    /// swa_full_tokens_ratio 0.8; of gpt-oss its log says full_layer_tokens=63987, swa_layer_tokens=51189). Other families keep whole sequences
    /// (sglang/srt/configs/model_config.py, is_hybrid_swa_model).
    /// </summary>
    public static long OfWindow(long tokens, InferenceSpec spec) => spec.Model.PooledWindows ? (long)Math.Ceiling((spec.WindowShare ?? UsualWindow) * tokens) : tokens;

    /// <summary>
    /// States have a pool of their own, nine parts for ten of entries, whichever runs out first (sglang/srt/server_args.py, mamba_full_memory_ratio 0.9; of
    /// Qwen3.5-397B-A17B its log says 7.42 GB of states beside 8.3 GB of entries).
    /// </summary>
    /// <param name="entries">Bytes of one sequence that grow with it.</param>
    /// <param name="states">Bytes of one sequence that do not.</param>
    /// <param name="spec">The server.</param>
    public static long OfPools(long entries, long states, InferenceSpec spec)
    {
        var ratio = spec.StateShare ?? UsualStates;
        return (long)Math.Ceiling(Math.Max((1 + ratio) * entries, (1 + ratio) / ratio * states));
    }

    /// <summary>In MiB: a base, chunks of prefill, graphs by batch size and communication, of large cards 10 GiB at least; and beside that a draft.</summary>
    public static long ReservedMiB(InferenceSpec spec, long total)
    {
        checked
        {
            var chunks = Math.Max(spec.MaxBatchedTokens, 2048) * 3 / 2;
            var draft = spec.Draft is not null ? 6144 : spec.PredictionModules ? 2048 : 0;
            var reserved = 512 + chunks + (2 * spec.MaxSequences) + ((long)spec.Tensor * spec.Pipeline * 1024 / 8);
            return draft + (total > LargeGpu ? Math.Max(reserved, 10 * 1024) : reserved);
        }
    }
}
