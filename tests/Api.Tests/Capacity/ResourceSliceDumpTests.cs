using GpuMem.Api.Nodes;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Capacity;

public sealed class ResourceSliceDumpTests
{
    public static readonly string[] Files = ["b60-dra-resourceslice-nvidia"];

    [Fact]
    public void The_devices_of_a_driver_are_a_pool() =>
        Assert.Equal("gpu.nvidia.com: 1 x 79.2 GiB (ResourceSlice)", Pools.Said(Read(File.ReadAllText(Path.Combine(NodeDumpTests.Folder, Files[0] + ".yaml")))));

    private static PoolInventory Read(string yaml) => InventoryBuilder.Build([], KubernetesYaml.LoadAllFromString<k8s.Models.V1ResourceSlice>(yaml), []);
}
