namespace GpuMem.TestKit;

/// <summary>What hack/control-plane.sh finds on this machine without fetching or building anything.</summary>
internal static class ControlPlaneAssets
{
    private static readonly Lazy<(bool Available, Version? Version)> Found = new(Find);

    public static bool Available => Found.Value.Available;

    public static Version? ServerVersion => Found.Value.Version;

    private static (bool, Version?) Find()
    {
        if (OperatingSystem.IsWindows())
            return (false, null);

        var (exitCode, output, _) = Script.RunAsync(
            Path.Combine(RepositoryRoot.Path, "hack", "control-plane.sh"), ["assets", "--offline"]).GetAwaiter().GetResult();
        var version = output.Split('\n').FirstOrDefault(line => line.StartsWith("version ", StringComparison.Ordinal))?[8..];
        return (exitCode == 0, Version.TryParse(NumbersOf(version ?? ""), out var parsed) ? parsed : null);
    }

    /// <summary>Vendors' builds say v1.29.3-eks-1234 or v1.36.2+abc: the numbers are what matters here.</summary>
    public static string NumbersOf(string version) => version.TrimStart('v').Split('-', '+')[0];
}
