using System.Text.Json.Nodes;
using Xunit;

namespace GpuMem.TestKit;

/// <summary>Does what a kubelet would for one pod, for there is none here: runs what the pod says with its service account's rights, and reports how it ended.</summary>
public static class OnePodKubelet
{
    /// <param name="controlPlane">Where the pod will be.</param>
    /// <param name="ns">In this namespace.</param>
    /// <param name="pod">By this name.</param>
    /// <param name="cancellationToken">Ends waiting for it.</param>
    /// <returns>What it printed; null where there was no such pod.</returns>
    public static async Task<string?> RunAsync(ControlPlane controlPlane, string ns, string pod, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (exitCode, json, _) = await controlPlane.KubectlAsync("get", "pod", pod, "-n", ns, "-o", "json");
            if (exitCode != 0)
                continue;
            var spec = JsonNode.Parse(json)!["spec"]!;
            var kubeconfig = await controlPlane.KubeconfigForAsync(ns, spec["serviceAccountName"]!.GetValue<string>());
            var args = spec["containers"]![0]!["args"]!.AsArray().Select(arg => arg!.GetValue<string>());
            var (status, output, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments([.. args, "--kubeconfig", kubeconfig]));
            var phase = new JsonObject { ["status"] = new JsonObject { ["phase"] = status == 0 ? "Succeeded" : "Failed" } };
            var (reported, _, why) = await controlPlane.KubectlAsync("patch", "pod", pod, "-n", ns, "--subresource=status", "--type=merge", "-p", phase.ToJsonString());
            Assert.True(reported == 0, why);
            return output + error;
        }

        return null;
    }
}
