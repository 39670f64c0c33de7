namespace GpuMem.Catalogues;

/// <summary>The files that are part of the program.</summary>
internal static class BuiltIn
{
    public static Stream Open(string name) => typeof(BuiltIn).Assembly.GetManifestResourceStream(name)!;

    /// <summary>The file where the loader has put it, for as long as the process lives: of half a megabyte only what is looked at costs memory.</summary>
    public static unsafe ReadOnlySpan<byte> Bytes(string name)
    {
        using var stream = (UnmanagedMemoryStream)Open(name);
        return new ReadOnlySpan<byte>(stream.PositionPointer, checked((int)stream.Length));
    }
}
