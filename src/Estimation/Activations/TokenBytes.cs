namespace GpuMem.Estimation.Activations;

/// <summary>Bytes per token of one layer on one rank.</summary>
/// <param name="Hidden">Of hidden width: whole on every tensor-parallel rank unless sequence parallelism divides them (arXiv 2205.05198).</param>
/// <param name="Local">Of the widths that tensor parallelism has already divided.</param>
internal readonly record struct TokenBytes(long Hidden, long Local)
{
    /// <summary>Of all tokens of <paramref name="rank"/>.</summary>
    public long Of(in RankContext rank) => checked(Ratio.DivideUp(Hidden * rank.Tokens, rank.HiddenParts) + (Local * rank.Tokens));

    /// <summary>Of one token, as this rank's part of it.</summary>
    public Ratio PerToken(in RankContext rank) => new(checked(Hidden + (Local * rank.HiddenParts)), rank.HiddenParts);

    public static TokenBytes operator +(TokenBytes a, TokenBytes b) => checked(new(a.Hidden + b.Hidden, a.Local + b.Local));

    /// <summary>What is left of this without <paramref name="part"/>; never below nothing.</summary>
    public TokenBytes Less(TokenBytes part) => new(Math.Max(0, Hidden - part.Hidden), Math.Max(0, Local - part.Local));

    /// <summary>The mean of two, rounded up: for when either may be the case.</summary>
    public static TokenBytes Between(TokenBytes a, TokenBytes b) => new((a.Hidden + b.Hidden + 1) / 2, (a.Local + b.Local + 1) / 2);
}
