namespace GpuMem.Estimation.Explanations;

/// <summary>A formula in symbols, with numbers put in, and where it comes from.</summary>
internal sealed record Explanation(string Formula, string Numbers, string Source)
{
    public static readonly Explanation None = new("", "", "");
}
