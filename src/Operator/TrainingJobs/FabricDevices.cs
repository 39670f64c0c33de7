using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>
/// Network adapters by which GPUs of several nodes reach each other: EFA, shared and virtual HCAs. A template asks for as many as its own number of GPUs
/// needs; a plan with another number of GPUs in a pod needs them in proportion.
/// </summary>
internal static class FabricDevices
{
    /// <summary>aws-efa-k8s-device-plugin, k8s-rdma-shared-dev-plugin, NVIDIA's network operator.</summary>
    private static readonly string[] Prefixes = ["vpc.amazonaws.com/efa", "rdma/", "nvidia.com/hostdev", "nvidia.com/roce"];

    /// <param name="container">The one with the GPUs.</param>
    /// <param name="asked">GPUs that its author wrote beside the adapters; zero where none are written, and then nothing is known of the proportion.</param>
    /// <param name="given">GPUs that it gets.</param>
    public static void Scale(JsonObject container, long asked, long given)
    {
        if (asked <= 0 || given <= 0 || asked == given || container["resources"] is not JsonObject resources)
            return;
        foreach (var amounts in new[] { resources["limits"], resources["requests"] }.OfType<JsonObject>())
        {
            foreach (var (device, amount) in amounts.ToList())
            {
                if (Prefixes.Any(prefix => device.StartsWith(prefix, StringComparison.Ordinal)) && long.TryParse(amount?.ToString(), CultureInfo.InvariantCulture, out var devices) && devices is > 0 and <= int.MaxValue)
                    amounts[device] = InProportion(devices, asked, given).ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>An adapter that GPUs share is still needed by the last of them.</summary>
    private static long InProportion(long devices, long asked, long given) => ((devices * given) + asked - 1) / asked;
}
