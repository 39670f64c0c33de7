using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The files of a container that can be known without running it: those that its script writes, and those that ConfigMaps of the same YAML stream are
/// mounted as.
/// </summary>
/// <param name="pod">Its volumes.</param>
/// <param name="container">Its mounts.</param>
/// <param name="configMaps">Those of the stream.</param>
/// <param name="written">Those that the script has written so far.</param>
/// <param name="directory">Where the command runs; empty where only the image knows.</param>
internal sealed class ContainerFiles(V1PodSpec pod, V1Container container, IReadOnlyList<V1ConfigMap> configMaps, WrittenFiles written, string directory)
{
    /// <summary>Where the command runs; empty where only the image knows.</summary>
    public string Directory => directory;

    /// <summary>A file of YAML, JSON or TOML.</summary>
    /// <param name="path">As a command names it; relative to the working directory.</param>
    /// <param name="problem">Why it cannot be read, with the path.</param>
    /// <returns>Null when it cannot be read, or is no mapping.</returns>
    public JsonObject? Read(string path, out string problem)
    {
        var place = ContainerPath.Of(path, directory);
        if (Text(place, out problem) is not { } text)
            return null;
        try
        {
            if (Path.GetExtension(place) == ".toml")
                return TomlText.Read(text);
            if (KubernetesYaml.LoadAllFromString(text) is [JsonObject only])
                return only;
            problem = $"{place}: it must hold one mapping of keys to values";
        }
        catch (FormatException malformed)
        {
            problem = $"{place}: {malformed.Message}";
        }
        return null;
    }

    /// <summary>The text of a file, whatever it is; null when it is not known.</summary>
    /// <param name="path">As a command names it; relative to the working directory.</param>
    public string? Text(string path) => Text(ContainerPath.Of(path, directory), out _);

    private string? Text(string path, out string problem)
    {
        if (written.Find(path, out var own, out problem))
            return own;
        if (!path.StartsWith('/'))
        {
            problem = $"{path} is in a directory that only the image knows: name it from the root, or set workingDir";
            return null;
        }
        var mount = ContainerPath.MountOf(container, path);
        var volume = mount is null ? null : (pod.Volumes ?? []).OfType<V1Volume>().FirstOrDefault(volume => volume.Name == mount.Name);
        List<V1ConfigMapVolumeSource> sources = [.. volume is null ? [] : Sources(volume)];
        problem = $"{path} is in no ConfigMap of this file: put the ConfigMap that is mounted there into the same file, or say what it holds with flags";
        foreach (var source in sources)
        {
            if (configMaps.FirstOrDefault(map => map.Metadata?.Name == source.Name) is not { } map)
            {
                problem = $"{path} is of ConfigMap {source.Name}, which is not in this file: add it";
                continue;
            }
            var data = map.Data ?? new Dictionary<string, string>();
            if (data.TryGetValue(Key(source, ContainerPath.InVolume(path, mount!)), out var text))
                return text;
            problem = $"{path}: ConfigMap {source.Name} has no such key; it has {(data.Count == 0 ? "none" : string.Join(", ", data.Keys.Order(StringComparer.Ordinal)))}";
        }
        return null;
    }

    private static IEnumerable<V1ConfigMapVolumeSource> Sources(V1Volume volume) => (volume.ConfigMap is { } map ? [map] : Array.Empty<V1ConfigMapVolumeSource>())
        .Concat((volume.Projected?.Sources ?? []).Where(source => source?.ConfigMap is not null)
            .Select(source => new V1ConfigMapVolumeSource { Name = source.ConfigMap.Name, Items = source.ConfigMap.Items }));

    /// <summary>Items rename keys; without them a key is the name of its file.</summary>
    private static string Key(V1ConfigMapVolumeSource source, string inside) =>
        source.Items is { Count: > 0 } items ? items.FirstOrDefault(item => item?.Path == inside)?.Key ?? "" : inside;
}
