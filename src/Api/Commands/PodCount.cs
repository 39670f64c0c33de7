using System.Text.Json.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Commands;

/// <summary>How many pods of a workload train together, where that is known.</summary>
public static class PodCount
{
    /// <param name="workload">Its manifest.</param>
    /// <returns>Null when it is not known, or each pod works by itself.</returns>
    public static int? Of(JsonObject workload)
    {
        if (WorkloadReader.Read(workload) is not { } read)
            return null;
        if (read.AreCopies)
            return read.Identity.Kind == "Pod" ? 1 : null;

        // Launchers, heads and drivers have no GPUs; where nobody asks for any, the launcher of an MPIJob is known by its name.
        var training = read.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0).ToList();
        if (training.Count == 0)
            training = [.. read.Pods.Where(pods => pods.Role is not ("Launcher" or "head"))];
        return training.Count > 0 && training.TrueForAll(pods => pods.Count is > 0) && training.Sum(pods => pods.Count) is <= int.MaxValue and var sum ? (int)sum : null;
    }
}
