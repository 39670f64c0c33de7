using System.Runtime.CompilerServices;

namespace GpuMem.Estimation;

/// <summary>Adds up the parts of a process's memory.</summary>
internal interface ITermTotal
{
    /// <summary>Of all kinds together.</summary>
    Amount Sum { get; }

    void Add(TermKind kind, Amount amount);
}

/// <summary>The sum alone.</summary>
internal struct TermSum : ITermTotal
{
    public Amount Sum { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TermKind kind, Amount amount) => Sum += amount;
}

/// <summary>One amount for each <see cref="TermKind"/>, in place: no allocation on the way to an explanation.</summary>
internal struct TermAmounts : ITermTotal
{
    public const int Count = (int)TermKind.Nccl + 1;

    private Slots _slots;

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
