namespace GpuMem.Cli;

/// <summary>Rows of text whose columns stand below each other.</summary>
internal static class TextTable
{
    /// <param name="rows">The first is that of the headings; all have as many cells.</param>
    public static void Write(IReadOnlyList<string[]> rows, TextWriter output)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
            output.WriteLine(string.Join("   ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
