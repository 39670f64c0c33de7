namespace GpuMem.Kubernetes.Events;

/// <summary>Text whose length is counted in bytes.</summary>
internal static class Utf8Text
{
    private const string Ellipsis = "…";

    internal static string Cut(string text, int maxBytes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= maxBytes)
            return text;
        int end = maxBytes - Encoding.UTF8.GetByteCount(Ellipsis);
        // Never within a character, whose later bytes all begin with the bits 10.
        while ((bytes[end] & 0xC0) == 0x80)
            end--;
        return Encoding.UTF8.GetString(bytes, 0, end) + Ellipsis;
    }
}
