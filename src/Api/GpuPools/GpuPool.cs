namespace GpuMem.Api.GpuPools;

[KubernetesEntity(Group = ApiGroup.Name, ApiVersion = ApiGroup.Version, Kind = "GpuPool", PluralName = "gpupools")]
[EntityScope(EntityScope.Cluster)]
[KubernetesEntityShortNames("gpool")]
[KubernetesEntityCategories("gpumem")]
[Description("A set of like GPU nodes: declared here by an administrator (price, size of a pool that scales from zero), filled in from the nodes there are.")]
[GenericAdditionalPrinterColumn(".status.product", "Product", "string", Description = "The GPU.")]
[GenericAdditionalPrinterColumn(".status.memoryPerGPU", "Memory", "string", Description = "What a process can allocate on one GPU.")]
[GenericAdditionalPrinterColumn(".status.nodes", "Nodes", "integer", Description = "Nodes there are.")]
[GenericAdditionalPrinterColumn(".status.gpus", "GPUs", "integer", Description = "GPUs there are.")]
[GenericAdditionalPrinterColumn(".status.allocated", "Allocated", "integer", Description = "GPUs that pods hold.")]
[GenericAdditionalPrinterColumn(".spec.maxNodes", "Max-Nodes", "integer", Description = "Nodes there can be.")]
[GenericAdditionalPrinterColumn(".spec.pricePerGPUHour", "Price", "string", Description = "Price of one GPU per hour.")]
[GenericAdditionalPrinterColumn(".status.resourceName", "Resource", "string", Priority = PrinterColumnPriority.WideView, Description = "What pods ask for.")]
[GenericAdditionalPrinterColumn(".status.source", "Source", "string", Priority = PrinterColumnPriority.WideView, Description = "Where the memory figure comes from.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class GpuPool : CustomKubernetesEntity<GpuPoolSpec, GpuPoolStatus>;

[Description("What an administrator declares; everything left out is read from the nodes.")]
public sealed class GpuPoolSpec
{
    [Items(maxItems: 16, MaxLength = 63)]
    [Description("Labels that the pool's nodes have, and that pods sent here select. Example: {karpenter.sh/nodepool: h100}.")]
    public IDictionary<string, string>? Selector { get; set; }

    [Length(1, 253)]
    [Description("The GPU, as nodes report it or by its common name; needed for a pool that has no node yet. Example: NVIDIA-H100-80GB-HBM3.")]
    public string? Product { get; set; }

    [Length(1, 24)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$")]
    [Description("Memory of one GPU as its driver reports it; overrides label and catalogue. Example: 81559Mi.")]
    public Quantity? MemoryPerGPU { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    [Description("GPUs of one node; needed for a pool that has no node yet. Example: 8.")]
    public int? GpusPerNode { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(100_000)]
    [Description("Nodes that the pool can grow to. Default: the nodes there are.")]
    public int? MaxNodes { get; set; }

    [Length(1, 253)]
    [Description("Extended resource that pods ask for. Default nvidia.com/gpu.")]
    public string? ResourceName { get; set; }

    [Length(1, 24)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?m?$")]
    [Description("Price of one GPU per hour, in any one unit. Example: 3.90.")]
    public Quantity? PricePerGPUHour { get; set; }

    [Items(maxItems: 16)]
    [Description("Taints of the pool's nodes; pods sent here tolerate them.")]
    public IList<GpuPoolTaint>? Taints { get; set; }
}

public sealed class GpuPoolTaint
{
    [Required]
    [Length(1, 317)]
    [Description("Key of the taint. Example: nvidia.com/gpu.")]
    public string? Key { get; set; }

    [Length(0, 63)]
    [Description("Value of the taint.")]
    public string? Value { get; set; }

    [Length(1, 32)]
    [Pattern("^(NoSchedule|PreferNoSchedule|NoExecute)$")]
    [Description("Effect of the taint. Default NoSchedule.")]
    public string? Effect { get; set; }
}

[Description("What the nodes say.")]
public sealed class GpuPoolStatus
{
    [Description("Generation of the spec that this status is about.")]
    public long? ObservedGeneration { get; set; }

    [Length(0, 253)]
    [Description("What pods ask for to get these GPUs: an extended resource or, for GPUs by claims, the name of the driver.")]
    public string? ResourceName { get; set; }

    [Length(0, 253)]
    [Description("The GPU.")]
    public string? Product { get; set; }

    [Length(0, 32)]
    [Description("What a process can allocate on one GPU; the least of all nodes.")]
    public string? MemoryPerGPU { get; set; }

    [Description("Nodes there are.")]
    public int? Nodes { get; set; }

    [Description("GPUs there are.")]
    public long? Gpus { get; set; }

    [Description("GPUs that pods hold.")]
    public long? Allocated { get; set; }

    [Length(0, 64)]
    [Description("Where the memory figure comes from: Declared, ResourceSlice, DeviceRegister (HAMi, Volcano), FeatureDiscovery (nvidia.com/gpu.memory), AmdLabels, IntelLabels, Catalogue (by product), AlibabaLabels, KarpenterLabels, CoreWeaveLabels, GkeLabels, InstanceType, AcceleratorName or Unknown.")]
    public string? Source { get; set; }

    [Description("The nodes disagree on product or memory; the least counts.")]
    public bool? Heterogeneous { get; set; }

    [Items(maxItems: 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    [Description("Conditions: CapacityKnown; Conflicting, only while nodes are not as declared.")]
    public IList<Condition>? Conditions { get; set; }
}
