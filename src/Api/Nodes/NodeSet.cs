using System.Numerics;

namespace GpuMem.Api.Nodes;

/// <summary>Some nodes of a pool, a bit for each.</summary>
public sealed class NodeSet
{
    private readonly ulong[] _bits;

    private NodeSet(ulong[] bits) => _bits = bits;

    public bool IsEmpty => Array.TrueForAll(_bits, bits => bits == 0);

    public static NodeSet None(int nodes) => new(new ulong[(nodes + 63) / 64]);

    public static NodeSet All(int nodes)
    {
        var all = None(nodes);
        Array.Fill(all._bits, ulong.MaxValue);
        if (nodes % 64 != 0)
            all._bits[^1] = (1UL << (nodes % 64)) - 1;
        return all;
    }

    public void Add(int node) => _bits[node / 64] |= 1UL << (node % 64);

    public void ExceptWith(NodeSet other)
    {
        for (var i = 0; i < _bits.Length; i++)
            _bits[i] &= ~other._bits[i];
    }

    public void IntersectWith(NodeSet other)
    {
        for (var i = 0; i < _bits.Length; i++)
            _bits[i] &= other._bits[i];
    }

    public void UnionWith(NodeSet other)
    {
        for (var i = 0; i < _bits.Length; i++)
            _bits[i] |= other._bits[i];
    }

    public bool Overlaps(NodeSet other)
    {
        for (var i = 0; i < _bits.Length; i++)
            if ((_bits[i] & other._bits[i]) != 0)
                return true;
        return false;
    }

    public override string ToString() => $"{_bits.Sum(bits => BitOperations.PopCount(bits))} nodes";
}
