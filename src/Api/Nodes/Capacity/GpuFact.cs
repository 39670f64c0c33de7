using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>What one source says of the GPUs of a node that a resource stands for. What it does not say is null.</summary>
internal sealed record GpuFact
{
    public required MemorySource Source { get; init; }

    /// <summary>The GPU as this source calls it.</summary>
    public string? Product { get; init; }

    /// <summary>The same, found in the catalogue.</summary>
    public GpuModel? Model { get; init; }

    /// <summary>What a process gets for sure on one GPU of this resource, before others take turns on it.</summary>
    public Bytes? Usable { get; init; }

    /// <summary>What it may get at the most; null where that is <see cref="Usable"/>.</summary>
    public Bytes? Most { get; init; }

    /// <summary>GPUs there are, where a node offers each of them many times.</summary>
    public int? Gpus { get; init; }

    /// <summary>GPUs there should be: more offered are parts of them, and nobody says how large.</summary>
    public int? Whole { get; init; }

    /// <summary>MiB that one of the resource stands for by which pods ask for a part of a GPU's memory.</summary>
    public int ShareUnitMiB { get; init; } = 1;

    /// <summary>What is wrong with what it says, or was assumed; null when nothing.</summary>
    public string? Complaint { get; init; }

    /// <summary>It says that something is wrong: no other source is to be believed instead.</summary>
    public bool IsDoubt { get; init; }

    /// <summary>There is no figure to rely on, and no other source is to be asked for one.</summary>
    public static GpuFact Doubt(MemorySource source, string? product, string complaint) =>
        new() { Source = source, Product = product, Complaint = complaint, IsDoubt = true };
}
