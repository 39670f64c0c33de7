namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// Gives the same string for the same text most of the time: a cluster repeats a few thousand namespaces, node names, label keys and values
/// ten thousands of times. Two texts have a place for each hash, and a new one takes that of the one not asked for last, so it never grows; a race
/// costs a duplicate.
/// </summary>
internal sealed class StringPool
{
    private const int Hashes = 1 << 12;
    private const int LongestPooled = 128;

    private readonly string?[] _slots = new string?[Hashes * 2];

    internal static StringPool Shared { get; } = new();

    /// <summary>The string value under the reader; unescaped, as <see cref="Utf8JsonReader.GetString"/> gives it.</summary>
    internal string Read(ref Utf8JsonReader reader)
    {
        int length = reader.HasValueSequence ? (int)Math.Min(reader.ValueSequence.Length, int.MaxValue) : reader.ValueSpan.Length;
        if (length > LongestPooled || reader.ValueIsEscaped)
            return reader.GetString()!;
        Span<byte> utf8 = stackalloc byte[length];
        if (reader.HasValueSequence)
            reader.ValueSequence.CopyTo(utf8);
        else
            reader.ValueSpan.CopyTo(utf8);

        // Anything but ASCII is rare, and needs the reader's own checks.
        return Ascii.IsValid(utf8) ? Get(utf8) : reader.GetString()!;
    }

    private string Get(ReadOnlySpan<byte> ascii)
    {
        HashCode hash = default;
        hash.AddBytes(ascii);
        int place = (hash.ToHashCode() & (Hashes - 1)) * 2;
        ref string? last = ref _slots[place];
        ref string? other = ref _slots[place + 1];
        string? before = Volatile.Read(ref last);
        if (before is not null && Ascii.Equals(ascii, before))
            return before;
        string? text = Volatile.Read(ref other);
        if (text is null || !Ascii.Equals(ascii, text))
            text = Encoding.ASCII.GetString(ascii);
        Volatile.Write(ref other, before);
        Volatile.Write(ref last, text);
        return text;
    }
}
