using System.Runtime.CompilerServices;

namespace GpuMem.Estimation;

/// <summary>One amount for each <see cref="TermKind"/>, in place: no allocation on the way to an estimate.</summary>
internal struct TermAmounts
{
    public const int Count = (int)TermKind.Nccl + 1;

    private Slots _slots;

    /// <summary>Of all kinds together.</summary>
    public Amount Sum { get; private set; }

    public readonly Amount this[TermKind kind] => _slots[(int)kind];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TermKind kind, Amount amount)
    {
        _slots[(int)kind] += amount;
        Sum += amount;
    }

    [InlineArray(Count)]
    private struct Slots
    {
        private Amount _first;
    }
}
