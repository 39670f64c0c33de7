using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>The DeepSpeed configurations that come with Axolotl (deepspeed_configs) and LLaMA-Factory (examples/deepspeed), named by their paths in those repositories.</summary>
internal static class ShippedDeepSpeedFiles
{
    /// <returns>What of it changes the memory; null for other files.</returns>
    public static JsonObject? Of(string path)
    {
        if (!path.Contains("deepspeed_configs/", StringComparison.Ordinal) && !path.Contains("examples/deepspeed/", StringComparison.Ordinal))
            return null;
        return Path.GetFileNameWithoutExtension(path) switch
        {
            "ds_z0_config" => Zero(0),
            "zero1" or "zero1_torch_compile" => Zero(1),
            "ds_z2_config" => Zero(2),
            "zero3" or "zero3_bf16" or "ds_z3_config" => Zero(3),

            // Axolotl's zero2.json sends the optimizer to the host, though its name does not say so.
            "zero2" or "zero2_torch_compile" or "ds_z2_offload_config" => Zero(2, "offload_optimizer"),
            "zero3_bf16_cpuoffload_params" => Zero(3, "offload_param"),
            "zero3_bf16_cpuoffload_all" or "ds_z3_offload_config" => Zero(3, "offload_optimizer", "offload_param"),
            _ => null,
        };
    }

    /// <summary>A configuration of that stage.</summary>
    /// <param name="stage">Its stage.</param>
    /// <param name="offloaded">What it sends to the host.</param>
    public static JsonObject Zero(int stage, params string[] offloaded)
    {
        JsonObject zero = new() { ["stage"] = stage };
        foreach (var what in offloaded)
            zero[what] = new JsonObject { ["device"] = "cpu" };
        return new JsonObject { ["zero_optimization"] = zero };
    }
}
