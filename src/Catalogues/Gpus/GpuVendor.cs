namespace GpuMem.Catalogues.Gpus;

/// <summary>Who makes a GPU.</summary>
public enum GpuVendor
{
    Nvidia,
    Amd,
    Intel,

    /// <summary>Intel's Gaudi, which has a driver, a device plugin and labels of its own.</summary>
    Habana,
}
