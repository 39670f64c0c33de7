namespace GpuMem.Api.Commands;

/// <summary>Paths in a container, as far as they are known without running it: links are not.</summary>
internal static class ContainerPath
{
    /// <summary>The path from the root, with dots resolved. In a directory that only the image knows it stays relative to that.</summary>
    /// <param name="path">As a command names it.</param>
    /// <param name="directory">Where the command runs; empty where only the image knows.</param>
    public static string Of(string path, string directory)
    {
        var whole = path.StartsWith('/') || directory.Length == 0 ? path : $"{directory}/{path}";
        var root = whole.StartsWith('/') ? "/" : "";
        List<string> parts = [];
        foreach (var part in whole.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts is [.., not ".."])
                parts.RemoveAt(parts.Count - 1);
            else if (part != "." && (part != ".." || root.Length == 0))
                parts.Add(part);
        }
        return root + string.Join('/', parts);
    }

    /// <summary>The mount that a path lies in; null where it lies in none.</summary>
    public static V1VolumeMount? MountOf(V1Container container, string path) => (container.VolumeMounts ?? []).OfType<V1VolumeMount>()
        .Where(mount => mount.MountPath is { } at && (path == at.TrimEnd('/') || path.StartsWith(at.TrimEnd('/') + '/', StringComparison.Ordinal)))
        .MaxBy(mount => mount.MountPath.TrimEnd('/').Length);

    /// <summary>A path inside a volume; a subPath is what of the volume is mounted.</summary>
    /// <param name="path">From the root of the container.</param>
    /// <param name="mount">What it lies in.</param>
    public static string InVolume(string path, V1VolumeMount mount) => Joined(mount.SubPath, path[mount.MountPath.TrimEnd('/').Length..]);

    /// <summary>Where a container sees what lies in a volume.</summary>
    /// <param name="container">The container.</param>
    /// <param name="volume">The name of the volume.</param>
    /// <param name="inside">The path inside it.</param>
    public static IEnumerable<string> SeenBy(V1Container container, string volume, string inside)
    {
        foreach (var mount in (container.VolumeMounts ?? []).OfType<V1VolumeMount>().Where(mount => mount.Name == volume && mount.SubPathExpr is null))
        {
            var part = Joined(mount.SubPath, "");
            if (mount.MountPath is not { } at || !(part.Length == 0 || inside == part || inside.StartsWith($"{part}/", StringComparison.Ordinal)))
                continue;
            var path = Of($"{at}/{inside[part.Length..]}", "/");
            if (MountOf(container, path) == mount)
                yield return path;
        }
    }

    private static string Joined(string? first, string second) => string.Join('/', new[] { first?.Trim('/') ?? "", second.Trim('/') }.Where(part => part.Length > 0));
}
