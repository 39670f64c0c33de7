namespace GpuMem.Estimation.Ranks;

/// <summary>How much of a <see cref="ParameterTally"/> routed experts make up.</summary>
internal readonly record struct ExpertPart(long Total, long Vectors, long RowsAndColumns)
{
    public static ExpertPart operator +(in ExpertPart a, in ExpertPart b) =>
        checked(new(a.Total + b.Total, a.Vectors + b.Vectors, a.RowsAndColumns + b.RowsAndColumns));

    public static ExpertPart operator *(in ExpertPart one, long count) => checked(new(one.Total * count, one.Vectors * count, one.RowsAndColumns * count));
}
