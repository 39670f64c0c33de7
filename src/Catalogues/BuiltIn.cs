namespace GpuMem.Catalogues;

/// <summary>The files that are part of the program.</summary>
internal static class BuiltIn
{
    public static Stream Open(string name) => typeof(BuiltIn).Assembly.GetManifestResourceStream(name)!;
}
