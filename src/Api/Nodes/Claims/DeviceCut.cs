using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>
/// What a claim may get of a pool's GPUs: each whole, or a part into which a driver cuts them as claims come (KEP-4815). A GPU is published whole and in every
/// such part.
/// </summary>
/// <param name="Product">As pools are named, with the profile behind it where it is a part.</param>
/// <param name="Facts">What selectors of claims see of it.</param>
/// <param name="Usable">What a process gets on it; null when that is not known.</param>
/// <param name="Most">The same with luck; null where that is <paramref name="Usable"/>, or not known.</param>
/// <param name="Count">As many of them as a node could have, if it had no others.</param>
public sealed record DeviceCut(string Product, DeviceFacts Facts, Bytes? Usable, Bytes? Most, int Count);
