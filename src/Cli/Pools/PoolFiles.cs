using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Cli.Pools;

/// <summary>What pools are made of, where it stands in files.</summary>
internal static class PoolFiles
{
    /// <exception cref="UserErrorException">There is nothing in the files that pools are made of.</exception>
    public static PoolSources Read(IReadOnlyList<string> files)
    {
        // What else is in the files of a cluster is no business of who asks for its pools.
        var manifests = Manifests.Read(files, workloads: true);
        return manifests.Nodes.Count + manifests.Slices.Count + manifests.Pools.Count + manifests.Templates.Count > 0
            ? Of(manifests)
            : throw new UserErrorException($"no Node, no ResourceSlice and no GpuPool in {string.Join(", ", files)}; kubectl get nodes -o yaml makes such a file");
    }

    public static PoolSources Of(Manifests manifests) => new(
        manifests.Nodes,
        manifests.Slices,
        manifests.Declared,
        manifests.Pods.Count == 0 ? null : [.. manifests.Pods.Select(pod => GpuPod.Read(ManifestObject.As<V1Pod>(pod))).OfType<GpuPod>()])
    {
        Claims = manifests.Claims,
    };
}
