namespace GpuMem.Catalogues.Gpus;

/// <summary>One kind of GPU: what its label says, and what a process can really use.</summary>
public sealed record GpuModel
{
    /// <summary>The name people know, <c>NVIDIA H100 SXM 80GB</c>.</summary>
    public required string Name { get; init; }

    public required GpuVendor Vendor { get; init; }

    /// <summary>The names under which nodes and drivers report it, <c>NVIDIA-H100-80GB-HBM3</c>.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>The name under which most nodes report it, <c>NVIDIA-H100-80GB-HBM3</c>.</summary>
    public string NodeName => Aliases.Count > 0 ? Aliases[0] : Name;

    /// <summary>What NVML reports and GPU Feature Discovery writes, in MiB; null when unknown.</summary>
    public required long? LabelMemoryMiB { get; init; }

    /// <summary>The memory in its name, in 10^9 bytes.</summary>
    public long NominalGB { get; init; }

    /// <summary>Memory a process can allocate: less than the label, far less than the marketing name.</summary>
    public required Bytes UsableMemory { get; init; }

    /// <summary>All of a memory that it shares with the host, of which <see cref="UsableMemory"/> is what a node has left that has just started; null where it has its own.</summary>
    public Bytes? SharedMemory { get; init; }

    /// <summary>The most that a process was seen to have, or that there is where it shares memory with the host.</summary>
    public Bytes LargestMemory => SharedMemory ?? UsableMemory;

    /// <summary>What the device reports, in MiB; where nobody saw that, what a process can allocate at the most.</summary>
    public long ReportedMiB => LabelMemoryMiB ?? LargestMemory.Value / Bytes.PerMiB;

    /// <summary>GPUs that reach each other by NVLink inside a node; 1 for cards on PCIe alone.</summary>
    public required int NvLinkDomain { get; init; }

    /// <summary>False when no label or measurement was found and <see cref="UsableMemory"/> follows from the marketing name: decide on the node's label instead.</summary>
    public bool MemoryIsKnown { get; init; } = true;

    /// <summary>A process was seen to have <see cref="UsableMemory"/>; else that is the least that such a card may leave, and a process may find more.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>Dense bf16 tensor throughput in 10^12 operations per second; null when unknown or unsupported. For ranking only.</summary>
    public double? Bf16Teraflops { get; init; }

    /// <summary>Dense fp16 tensor throughput in 10^12 operations per second; null when unknown.</summary>
    public double? Fp16Teraflops { get; init; }

    /// <summary>Dense fp8 tensor throughput in 10^12 operations per second; null when unknown or unsupported.</summary>
    public double? Fp8Teraflops { get; init; }

    /// <summary>Its tensor cores multiply numbers of four bits (NVFP4, MXFP4), as NVIDIA's do from Blackwell on.</summary>
    public bool HasFp4 { get; init; }

    /// <summary>Of its memory, in 10^9 bytes per second; null when unknown.</summary>
    public double? BandwidthGBs { get; init; }

    /// <summary>The link to the other GPUs of its board, <c>NVLink4 (SXM)</c>.</summary>
    public string Link { get; init; } = "";

    /// <summary>That link in both directions together, in 10^9 bytes per second; null when unknown.</summary>
    public double? LinkGBs { get; init; }

    /// <summary>Of a card that current builds of PyTorch or vLLM leave out, <c>6.0</c>; null for all others.</summary>
    public string? OldComputeCapability { get; init; }

    /// <summary>Sizes of its MIG slices; empty when it has none or they are unknown.</summary>
    public IReadOnlyList<MigProfile> MigProfiles { get; init; } = [];
}

/// <summary>A slice of a GPU. The name is not its size: <c>1g.10gb</c> has 9728 MiB on an A100 and 9984 on an H100.</summary>
public sealed record MigProfile(string Name, long MemoryMiB);
