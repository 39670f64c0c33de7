using System.Runtime.CompilerServices;

namespace GpuMem.Estimation;

/// <summary>One amount for each <see cref="TermKind"/>, in place: no allocation on the way to an estimate.</summary>
internal struct TermAmounts
{
    public const int Count = (int)TermKind.Nccl + 1;

    private Slots _slots;

    public Amount this[TermKind kind]
    {
        readonly get => _slots[(int)kind];
        set => _slots[(int)kind] = value;
    }

    public readonly Amount Sum()
    {
        var (expected, upper) = (0L, 0L);
        foreach (ref readonly var slot in (ReadOnlySpan<Amount>)_slots)
            (expected, upper) = checked((expected + slot.Expected, upper + slot.Upper));
        return new Amount(expected, upper);
    }

    [InlineArray(Count)]
    private struct Slots
    {
        private Amount _first;
    }
}
