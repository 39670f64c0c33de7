namespace GpuMem.Catalogues.Models;

/// <summary>Python's json module writes <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c>, which JSON does not have; three published Nemotron files hold them.</summary>
public static class PythonNumbers
{
    /// <summary>The same text with <c>null</c> and blanks in their places, so that every other byte stays where it was.</summary>
    public static ReadOnlyMemory<byte> AsNull(ReadOnlyMemory<byte> utf8Json)
    {
        byte[]? copy = null;
        var span = utf8Json.Span;
        var inText = false;
        for (var i = 0; i < span.Length; i++)
        {
            if (inText)
            {
                if (span[i] == '\\')
                    i++;
                else if (span[i] == '"')
                    inText = false;
                continue;
            }

            if (span[i] == '"')
            {
                inText = true;
                continue;
            }

            var length = Length(span[i..]);
            if (length == 0)
                continue;
            copy ??= utf8Json.ToArray();
            copy.AsSpan(i, length).Fill((byte)' ');

            // NaN is shorter than null: 0 is as little of a size.
            (length >= 4 ? "null"u8 : "0"u8).CopyTo(copy.AsSpan(i));
            i += length - 1;
        }

        return copy ?? utf8Json;
    }

    private static int Length(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("-Infinity"u8) ? 9 : rest.StartsWith("Infinity"u8) ? 8 : rest.StartsWith("NaN"u8) ? 3 : 0;
}
