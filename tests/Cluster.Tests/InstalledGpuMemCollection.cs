using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>Tests that share one installation run one after the other: nodes are everybody's.</summary>
[CollectionDefinition(Name)]
public sealed class InstalledGpuMemCollection : ICollectionFixture<InstalledGpuMem>
{
    public const string Name = "an installed GpuMem";
}
