using System.Collections.Concurrent;

namespace GpuMem.TestKit;

/// <summary>kubectl and helm, found or fetched by hack/tools.sh.</summary>
public static class ClientTool
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Paths = new();

    public static Task<string> PathAsync(string name) => Paths.GetOrAdd(name, n => new(() => FindAsync(n))).Value;

    private static async Task<string> FindAsync(string name)
    {
        var (exitCode, output, error) = await Script.RunAsync(Path.Combine(RepositoryRoot.Path, "hack", "tools.sh"), [name]);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException($"hack/tools.sh {name} failed:\n{error}");
    }
}
