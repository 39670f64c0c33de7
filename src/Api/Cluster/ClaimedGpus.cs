using GpuMem.Api.Nodes.Slices;

namespace GpuMem.Api.Cluster;

/// <summary>What drivers offer on each node, while their ResourceSlices come and go. A change costs the pool of devices that it is in.</summary>
internal sealed class ClaimedGpus
{
    private readonly Dictionary<(string Driver, string Pool), (string Node, IReadOnlyList<SliceGpus> Gpus)> _pools = [];

    private readonly Dictionary<string, HashSet<(string Driver, string Pool)>> _ofNode = new(StringComparer.Ordinal);

    /// <param name="pool">The pool that has changed.</param>
    /// <param name="slices">All that there are of it now.</param>
    /// <returns>The nodes that it was or is on, and what drivers offer there now.</returns>
    public IEnumerable<(string Node, IReadOnlyList<SliceGpus> Gpus)> Set((string Driver, string Pool) pool, IReadOnlyList<Slice> slices)
    {
        List<string> nodes = [];
        if (_pools.Remove(pool, out var before))
        {
            nodes.Add(before.Node);
            if (_ofNode[before.Node] is var left && left.Remove(pool) && left.Count == 0)
                _ofNode.Remove(before.Node);
        }
        if (slices.Count > 0)
        {
            var now = _pools[pool] = ResourceSlices.OfPool(slices);
            if (!_ofNode.TryGetValue(now.Node, out var pools))
                _ofNode[now.Node] = pools = [];
            pools.Add(pool);
            nodes.Add(now.Node);
        }
        return nodes.Distinct(StringComparer.Ordinal).Select(node => (node, On(node)));
    }

    private IReadOnlyList<SliceGpus> On(string node) => _ofNode.TryGetValue(node, out var pools)
        ? [.. pools.OrderBy(pool => pool.Driver, StringComparer.Ordinal).ThenBy(pool => pool.Pool, StringComparer.Ordinal).SelectMany(pool => _pools[pool].Gpus)]
        : [];
}
