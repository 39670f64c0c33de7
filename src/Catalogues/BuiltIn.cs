namespace GpuMem.Catalogues;

/// <summary>The files that are part of the program.</summary>
internal static class BuiltIn
{
    public static Stream Open(string name) => typeof(BuiltIn).Assembly.GetManifestResourceStream(name)!;

    public static byte[] Bytes(string name)
    {
        using var stream = Open(name);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
