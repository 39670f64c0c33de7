namespace GpuMem.Planning.Words;

/// <summary>Speeds as they are told: no more digits than are known.</summary>
public static class SpeedText
{
    /// <summary>To two digits; null when it is not known.</summary>
    public static long? Rounded(double? perSecond)
    {
        if (perSecond is not ({ } value and > 0 and < 1e15))
            return null;
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(value)) - 1));
        return (long)(Math.Round(value / unit) * unit);
    }
}
