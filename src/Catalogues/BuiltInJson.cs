using System.Text.Json;

namespace GpuMem.Catalogues;

/// <summary>A value within a JSON file of the program, read when it is asked for.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Start">Its first byte there.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct BuiltInJson(string File, int Start, int Length)
{
    public ReadOnlySpan<byte> Bytes => BuiltIn.Bytes(File).Slice(Start, Length);

    /// <summary>The value that the reader stands before; the reader is moved behind it.</summary>
    public static BuiltInJson Next(string file, ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new BuiltInJson(file, start, (int)reader.BytesConsumed - start);
    }

    public JsonElement Read()
    {
        var reader = new Utf8JsonReader(Bytes);
        return JsonElement.ParseValue(ref reader);
    }
}
