using GpuMem.Evaluation.Cases;
using GpuMem.Evaluation.Manifests;

namespace GpuMem.Cli.Evaluation;

/// <summary>A folder with the manifest of each case.</summary>
internal static class CaseFolder
{
    /// <exception cref="UserErrorException">An id names no file, or one that another case has; nothing is written then.</exception>
    public static void Write(IReadOnlyList<MeasuredCase> cases, string folder)
    {
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in cases)
        {
            if (item.Id.Length == 0 || item.Id.StartsWith('.') || item.Id.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || item.Id.Contains('\\', StringComparison.Ordinal))
                throw new UserErrorException($"case '{item.Id}': its id is no name of a file; use letters, digits, '-', '_' and '.'");
            if (!files.TryAdd($"{item.Id}.yaml", Manifest(item)))
                throw new UserErrorException($"case '{item.Id}' is there twice; give each case an id of its own");
        }

        Directory.CreateDirectory(folder);
        foreach (var (name, text) in files)
            File.WriteAllText(Path.Combine(folder, name), text);
    }

    private static string Manifest(MeasuredCase item)
    {
        try
        {
            return CaseManifest.Yaml(item);
        }
        catch (OverflowException)
        {
            throw new UserErrorException($"case '{item.Id}': its numbers are beyond any job");
        }
    }
}
