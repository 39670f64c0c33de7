namespace GpuMem.TestKit;

/// <summary>The folder that holds GpuMem.sln, wherever the test runs from.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string from)
    {
        for (var dir = new DirectoryInfo(from); dir is not null; dir = dir.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(dir.FullName, "GpuMem.sln")))
                return dir.FullName;
        }

        throw new InvalidOperationException($"no GpuMem.sln above {from}");
    }
}
