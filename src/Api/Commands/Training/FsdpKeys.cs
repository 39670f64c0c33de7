using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The keys of an fsdp_config, as accelerate (commands/launch.py), transformers (training_args.py, _process_fsdp_args) and Axolotl (utils/schemas/fsdp.py)
/// take them: with fsdp_ before each or without.
/// </summary>
internal static class FsdpKeys
{
    public static SettingTable Table { get; } = new(
    [
        Setting.Word(Version, Both("version")),
        Setting.Word(Strategy, Both("sharding_strategy")),
        Setting.Word(Reshard, Both("reshard_after_forward")),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, Both("offload_params")),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : draft.Training.Recompute, Both("activation_checkpointing")),
        Setting.WithoutEffect(
            FlagValues.One,
            [
                .. Both("auto_wrap_policy"), .. Both("transformer_layer_cls_to_wrap"), .. Both("min_num_params"), .. Both("backward_prefetch"), .. Both("forward_prefetch"), .. Both("state_dict_type"),
                .. Both("final_state_dict_type"), .. Both("use_orig_params"), .. Both("cpu_ram_efficient_loading"), .. Both("sync_module_states"), .. Both("limit_all_gathers"), .. Both("cpu_offload_pin_memory"),
                .. Both("mixed_precision_policy"),
            ]),
    ]);

    public static FsdpChoice Of(TrainingDraft draft) => draft.Fsdp ??= new FsdpChoice();

    public static bool Version(TrainingDraft draft, string version)
    {
        Of(draft).Version = version is "1" ? 1 : 2;
        return version is "1" or "2";
    }

    /// <summary>By name or by its number (accelerate/utils/constants.py, FSDP_SHARDING_STRATEGY).</summary>
    public static bool Strategy(TrainingDraft draft, string strategy)
    {
        Sharding? sharding = strategy.ToUpperInvariant() switch
        {
            "FULL_SHARD" or "HYBRID_SHARD" or "1" or "4" => Sharding.Full,
            "SHARD_GRAD_OP" or "HYBRID_SHARD_ZERO2" or "2" or "5" => Sharding.Gradients,
            "NO_SHARD" or "3" => Sharding.None,
            _ => null,
        };
        if (sharding is not null)
            (Of(draft).Sharding, Of(draft).IsHybrid) = (sharding, strategy.ToUpperInvariant() is "HYBRID_SHARD" or "HYBRID_SHARD_ZERO2" or "4" or "5");
        return sharding is not null;
    }

    /// <summary>Of version 2 a boolean, of version 1 the strategy.</summary>
    private static bool Reshard(TrainingDraft draft, string text)
    {
        if (text.ToLowerInvariant() is not ("true" or "false"))
            return Strategy(draft, text);
        Of(draft).ReshardsAfterForward = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return true;
    }

    private static string[] Both(string key) => [$"--{key}", $"--fsdp_{key}"];
}
