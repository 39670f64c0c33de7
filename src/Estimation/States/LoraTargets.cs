namespace GpuMem.Estimation.States;

/// <summary>The linear layers of a block that adapters can sit on; flags, so that a set costs nothing to pass around.</summary>
[Flags]
internal enum LoraTargets
{
    None = 0,
    Query = 1,
    Key = 2,
    Value = 4,
    Output = 8,
    Gate = 16,
    Up = 32,
    Down = 64,
    Head = 128,

    /// <summary>One matrix computes queries, keys and values: one adapter with a joint output.</summary>
    FusedQueryKeyValue = 256,
    FusedGateUp = 512,
    AllLinear = Query | Key | Value | Output | Gate | Up | Down,
}

/// <summary>The names under which models' classes have the layers that adapters can sit on.</summary>
public static class LoraTargetNames
{
    private static readonly Dictionary<string, LoraTargets> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all-linear"] = LoraTargets.AllLinear,
        ["q_proj"] = LoraTargets.Query,
        ["k_proj"] = LoraTargets.Key,
        ["v_proj"] = LoraTargets.Value,
        ["o_proj"] = LoraTargets.Output,

        // Latent attention: its matrices stand for what they compute.
        ["q_a_proj"] = LoraTargets.Query,
        ["q_b_proj"] = LoraTargets.Query,
        ["kv_a_proj_with_mqa"] = LoraTargets.Key,
        ["kv_b_proj"] = LoraTargets.Value,
        ["out_proj"] = LoraTargets.Output,
        ["dense"] = LoraTargets.Output,
        ["gate_proj"] = LoraTargets.Gate,
        ["up_proj"] = LoraTargets.Up,
        ["fc1"] = LoraTargets.Up,
        ["c_fc"] = LoraTargets.Up,
        ["dense_h_to_4h"] = LoraTargets.Up,
        ["down_proj"] = LoraTargets.Down,
        ["fc2"] = LoraTargets.Down,
        ["dense_4h_to_h"] = LoraTargets.Down,
        ["qkv_proj"] = LoraTargets.FusedQueryKeyValue,
        ["query_key_value"] = LoraTargets.FusedQueryKeyValue,
        ["c_attn"] = LoraTargets.FusedQueryKeyValue,
        ["gate_up_proj"] = LoraTargets.FusedGateUp,
        ["lm_head"] = LoraTargets.Head,

        // GPT-2 gives attention output and feed-forward output one name; an adapter named so sits on both.
        ["c_proj"] = LoraTargets.Output | LoraTargets.Down,
    };

    /// <summary>All of them, and <c>all-linear</c>.</summary>
    public static IEnumerable<string> Known => ByName.Keys;

    /// <summary>It is one of them, in any case.</summary>
    public static bool Has(string name) => ByName.ContainsKey(name);

    /// <summary>One matrix for what other models have several for: no model has both.</summary>
    public static bool IsJoint(string name) => ByName.GetValueOrDefault(name) is LoraTargets.FusedQueryKeyValue or LoraTargets.FusedGateUp;

    /// <summary>The named layers; all linear layers of a block when none is named. Unknown names are a problem of the job and ignored here.</summary>
    internal static LoraTargets Of(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return LoraTargets.AllLinear;
        var targets = LoraTargets.None;
        for (var i = 0; i < names.Count; i++)
            targets |= ByName.GetValueOrDefault(names[i]);
        return targets;
    }
}
