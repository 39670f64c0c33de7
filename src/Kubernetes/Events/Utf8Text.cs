namespace GpuMem.Kubernetes.Events;

/// <summary>Text whose length is counted in bytes.</summary>
internal static class Utf8Text
{
    private const char Ellipsis = '…';

    internal static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
            return text;
        int left = maxBytes - new Rune(Ellipsis).Utf8SequenceLength;
        StringBuilder kept = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            kept.Append(rune);
        }

        return kept.Append(Ellipsis).ToString();
    }
}
