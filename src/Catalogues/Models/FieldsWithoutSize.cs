namespace GpuMem.Catalogues.Models;

/// <summary>Fields of configurations from which no size follows: rates, tokens, positions, how something is computed.</summary>
internal static class FieldsWithoutSize
{
    private static readonly Lazy<HashSet<string>> Names = new(Read);

    public static bool Contains(string field) => Names.Value.Contains(field) || field.EndsWith("_token_id", StringComparison.Ordinal) || field.EndsWith("_token_index", StringComparison.Ordinal);

    private static HashSet<string> Read()
    {
        using var reader = new StreamReader(BuiltIn.Open("fields-without-size.txt"));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '#')];
    }
}
