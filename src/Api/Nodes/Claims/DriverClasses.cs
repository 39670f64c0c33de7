namespace GpuMem.Api.Nodes.Claims;

/// <summary>
/// The DeviceClasses that the charts of GPU drivers make, for files that leave them out (NVIDIA/k8s-dra-driver-gpu, ROCm/k8s-gpu-dra-driver,
/// intel/intel-resource-drivers-for-kubernetes, Project-HAMi/HAMi-DRA).
/// </summary>
internal static class DriverClasses
{
    /// <summary>By the name of the class.</summary>
    public static IReadOnlyDictionary<string, ValueList<string>> Selectors { get; } = new Dictionary<string, ValueList<string>>(StringComparer.Ordinal)
    {
        ["gpu.nvidia.com"] = new(["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu'"]),
        ["mig.nvidia.com"] = new(["device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig'"]),

        // A pod of a multi-node NVLink domain claims a channel beside its GPUs, which are a resource as ever.
        ["compute-domain-default-channel.nvidia.com"] = new(["device.driver == 'compute-domain.nvidia.com' && device.attributes['compute-domain.nvidia.com'].type == 'channel'"]),
        ["compute-domain-daemon.nvidia.com"] = new(["device.driver == 'compute-domain.nvidia.com' && device.attributes['compute-domain.nvidia.com'].type == 'daemon'"]),
        ["gpu.amd.com"] = new(["device.driver == 'gpu.amd.com'"]),
        ["gpu.intel.com"] = new(["device.driver == 'gpu.intel.com'"]),
        ["gaudi.intel.com"] = new(["device.driver == 'gaudi.intel.com'"]),
        ["hami-core-gpu.project-hami.io"] = new(["device.driver == 'hami-core-gpu.project-hami.io' && device.attributes['hami-core-gpu.project-hami.io'].type == 'hami-gpu'"]),
    };
}
