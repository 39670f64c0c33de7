namespace GpuMem.Api.Tests.Capacity;

public sealed class ResourceSliceDumpTests
{
    public static readonly string[] Files = ["b60-dra-resourceslice-nvidia"];
}
