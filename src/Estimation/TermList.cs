using GpuMem.Estimation.Arithmetic;
using System.Collections;
using GpuMem.Estimation.Explanations;

namespace GpuMem.Estimation;

/// <summary>The terms of an estimate, made when first read; those of zero bytes in both readings are left out.</summary>
internal sealed class TermList(in TermAmounts amounts, ITermOrigin origin) : IReadOnlyList<Term>
{
    private readonly TermAmounts _amounts = amounts;
    private Term[]? _terms;

    public int Count => Terms.Length;

    private Term[] Terms => _terms ??= Build();

    public Term this[int index] => Terms[index];

    public IEnumerator<Term> GetEnumerator() => ((IEnumerable<Term>)Terms).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Term[] Build()
    {
        var terms = new List<Term>(TermAmounts.Count);
        for (var kind = default(TermKind); (int)kind < TermAmounts.Count; kind++)
        {
            var amount = _amounts[kind];
            if (amount.Expected > 0 || amount.Upper > 0)
                terms.Add(new Term(kind, new Bytes(amount.Expected), new Bytes(amount.Upper), origin));
        }

        return [.. terms];
    }
}
