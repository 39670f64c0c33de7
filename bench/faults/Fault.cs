namespace GpuMem.Bench.Faults;

/// <summary>Something that goes wrong, and what has to come of it.</summary>
internal interface IFault
{
    /// <summary>As in the list of failure modes: C60.</summary>
    string Id { get; }

    string Expected { get; }

    /// <summary>Finds no operator running, and leaves none.</summary>
    Task<Observation> RunAsync(Cluster cluster);
}

internal sealed record Observation(bool Pass, string Text);
