using System.Net;
using GpuMem.Catalogues.Models;

namespace GpuMem.Page.Server;

/// <summary>Where the page is served, and under which names.</summary>
public sealed record PageOptions
{
    /// <summary>The largest request that is read: a config.json of the largest size that is taken, and the rest of a manifest.</summary>
    public const int MaxBodyBytes = HuggingFaceConfig.MaxBytes + (64 * 1024);

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes any that is free.</summary>
    public int Port { get; init; } = 8090;

    /// <summary>Names by which the page may be asked for besides those of loopback and the address itself.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
