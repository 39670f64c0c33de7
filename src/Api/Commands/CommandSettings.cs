using System.Globalization;
using GpuMem.Api.Serving;
using GpuMem.Catalogues.Models;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>What the flags of one command say: the settings, and what takes several flags to tell.</summary>
/// <param name="settings">What is written to.</param>
internal sealed class CommandSettings(InferenceSettings settings)
{
    public InferenceSettings Settings => settings;

    /// <summary>Which model a path was taken for, and why, in a sentence; null where the command names it.</summary>
    public string? ModelGuess { get; set; }

    /// <summary>How the checkpoint is said to be stored, in a format that leaves open in how many bits; null where nothing is said of it.</summary>
    public string? CheckpointFormat { get; set; }

    /// <summary>The format that is asked for is that of checkpoints which say nothing else.</summary>
    public bool YieldsToCheckpoint { get; set; }

    public SpeculativeDecoding Speculation { get; } = new();

    /// <summary>A flag leaves the length of a sequence to the engine.</summary>
    public bool LeavesContext { get; set; }

    /// <summary>Groups that each serve requests of their own (vLLM --data-parallel-size, SGLang --dp-size).</summary>
    public int DataParallel { get; set; } = 1;

    /// <summary>Of these the ones that this pod starts; null for all (vLLM --data-parallel-size-local).</summary>
    public int? GroupsHere { get; set; }

    /// <summary>Experts lie on all groups together (vLLM --enable-expert-parallel).</summary>
    public bool SharesExperts { get; set; }

    /// <summary>The groups are made of the tensor-parallel ranks (SGLang --enable-dp-attention).</summary>
    public bool DividesTensorRanks { get; set; }

    /// <summary>How many pictures, films and sounds a prompt may have, by kind (vLLM --limit-mm-per-prompt).</summary>
    public Dictionary<string, int> PictureLimits { get; } = new(StringComparer.Ordinal);

    /// <summary>Adapters of one batch, where there are any (SGLang --max-loras-per-batch).</summary>
    public int? AdapterSlots { get; set; }

    /// <summary>Brings together what several flags say.</summary>
    /// <returns>What is left out of the estimate.</returns>
    public IEnumerable<string> Complete()
    {
        if (settings.LoraSlots is not null && AdapterSlots is { } slots)
            settings.LoraSlots = slots;
        // Each of llama.cpp's two types has a default of its own (common/common.h, cache_type_v).
        if (settings is { Engine: InferenceEngine.LlamaCpp, CacheType: not null })
            settings.ValueCacheType ??= KeyValueCacheType.FP16;
        var isStored = ModelCatalogue.TryFind(settings.Model?.Name ?? "", out var stored, out _) && stored.CheckpointQuantization is not null;
        if (YieldsToCheckpoint && isStored)
            settings.Quantization = null;
        if (CheckpointFormat is { } format && !isStored)
            yield return $"weights in the checkpoint's own {format}";
        if (DataParallel > 1 && Groups() is { } dataParallel)
            yield return dataParallel;
        if (Commands.PictureLimits.Complete(PictureLimits, settings) is { } pictures)
            yield return pictures;
        if (Speculation.Complete(settings) is { } draft)
            yield return draft;
    }

    /// <summary>
    /// Replicas of a dense model are alike; those of a mixture hold its experts together, with expert parallelism whole and without it cut
    /// (vllm/model_executor/layers/fused_moe/config.py, FusedMoEParallelConfig.make).
    /// </summary>
    private string? Groups()
    {
        var left = string.Create(CultureInfo.InvariantCulture, $"data parallelism of {DataParallel}");
        var isKnown = ModelCatalogue.TryFind(settings.Model?.Name ?? "", out var model, out _);
        if (DividesTensorRanks)
        {
            if (model?.Experts is null || settings.Tensor?.Value is not { } ranks || ranks % DataParallel != 0 || model.Experts.Count % DataParallel != 0)
                return left;

            // Attention is divided by what is left (sglang/srt/layers/dp_attention.py, compute_dp_attention_world_info).
            settings.Tensor = ranks / DataParallel;
        }
        else if (settings.Engine == InferenceEngine.SGLang || (isKnown && model!.Experts is null))
            return null;
        else if (isKnown ? model!.Experts!.Count % DataParallel != 0 : !SharesExperts)
            return left;
        settings.Expert = DataParallel;
        return null;
    }
}
