using System.Buffers;
using System.Text;
using System.Text.Json;

namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// Gives the same string for the same text most of the time: a cluster repeats a few thousand namespaces, node names, label keys and values
/// ten thousands of times. A newer text takes the place of an older one with the same hash, so it never grows; a race costs a duplicate.
/// </summary>
internal sealed class StringPool
{
    private const int Slots = 1 << 13;
    private const int LongestPooled = 128;

    private readonly string?[] _slots = new string?[Slots];

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
        ref string? slot = ref _slots[hash.ToHashCode() & (Slots - 1)];
        string? pooled = Volatile.Read(ref slot);
        if (pooled is not null && Ascii.Equals(ascii, pooled))
            return pooled;
        string text = Encoding.ASCII.GetString(ascii);
        Volatile.Write(ref slot, text);
        return text;
    }
}
