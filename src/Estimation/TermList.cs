using System.Collections;

namespace GpuMem.Estimation;

/// <summary>
/// The terms of an estimate, computed when first read, as the estimate was: planning compares thousands and reads none. Those of zero bytes in both
/// readings are left out.
/// </summary>
/// <param name="unexplained">What is uncertain beyond the terms, another phase or the dimensions; shown with the allocator's slack, so that upper bounds sum up, too.</param>
internal abstract class TermList(long unexplained) : IReadOnlyList<Term>
{
    private Term[]? _terms;

    public int Count => Terms.Length;

    private Term[] Terms => _terms ??= Build();

    public Term this[int index] => Terms[index];

    public IEnumerator<Term> GetEnumerator() => ((IEnumerable<Term>)Terms).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public abstract Explanation Explain(TermKind kind);

    protected abstract TermAmounts Amounts();

    private Term[] Build()
    {
        var (amounts, terms) = (Amounts(), new List<Term>(TermAmounts.Count));
        amounts.Add(TermKind.Fragmentation, new Amount(0, unexplained));
        for (var kind = default(TermKind); (int)kind < TermAmounts.Count; kind++)
        {
            var amount = amounts[kind];
            if (amount.Expected > 0 || amount.Upper > 0)
                terms.Add(new Term(kind, new Bytes(amount.Expected), new Bytes(amount.Upper), this));
        }
        return [.. terms];
    }
}
