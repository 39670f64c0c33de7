namespace GpuMem.Api.Nodes.Capacity;

/// <summary>Several pods have one GPU between them.</summary>
/// <param name="Clients">How many can; null when nobody says.</param>
/// <param name="IsDivided">Each has its part of the memory and no more (MPS). Else they take turns on all of it, and each may find what the others leave.</param>
internal readonly record struct GpuSharing(int? Clients, bool IsDivided);
