namespace GpuMem.Api.Nodes;

/// <summary>Who says what a pool's GPUs are and how much memory they have, the most trusted first.</summary>
public enum MemorySource
{
    /// <summary>An administrator: <c>GpuPool.spec.memoryPerGPU</c>.</summary>
    Declared,

    /// <summary>A driver for dynamic resource allocation, in bytes: <c>resource.k8s.io/v1</c>.</summary>
    ResourceSlice,

    /// <summary>Plugins that divide GPUs (HAMi, Volcano, Alibaba's, Tencent's): what they list, or offer together, of the cards of a node.</summary>
    DeviceRegister,

    /// <summary>NVIDIA's GPU Feature Discovery: <c>nvidia.com/gpu.memory</c>.</summary>
    FeatureDiscovery,

    /// <summary>AMD's node labeller: <c>amd.com/gpu.vram</c>.</summary>
    AmdLabels,

    /// <summary>Intel's: <c>gpu.intel.com/memory.max</c>, <c>habana.ai/product.name</c>.</summary>
    IntelLabels,

    /// <summary>The product that a label names, looked up in the catalogue.</summary>
    Catalogue,

    /// <summary>Alibaba: <c>aliyun.accelerator/nvidia_mem</c>.</summary>
    AlibabaLabels,

    /// <summary>Karpenter on AWS and EKS Auto Mode: <c>karpenter.k8s.aws/instance-gpu-memory</c>.</summary>
    KarpenterLabels,

    /// <summary>CoreWeave: <c>gpu.nvidia.com/model</c> and <c>vram</c>.</summary>
    CoreWeaveLabels,

    /// <summary>Google: <c>cloud.google.com/gke-accelerator</c>.</summary>
    GkeLabels,

    /// <summary>The instance type of a cloud: <c>node.kubernetes.io/instance-type</c>.</summary>
    InstanceType,

    /// <summary>A label that only names the accelerator: <c>k8s.amazonaws.com/accelerator</c>, <c>karpenter.azure.com/sku-gpu-name</c>.</summary>
    AcceleratorName,

    /// <summary>Nobody.</summary>
    Unknown,
}
