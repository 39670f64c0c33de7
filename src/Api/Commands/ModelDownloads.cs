namespace GpuMem.Api.Commands;

/// <summary>
/// Models that init containers, or the script itself, download into folders before something is started on them: from there on a folder is the id of the
/// model. An init container's folder counts where the container mounts the volume that it lies in.
/// </summary>
internal sealed class ModelDownloads
{
    // Flags of huggingface-cli download that stand alone (huggingface_hub/commands/download.py).
    private static readonly string[] Alone = ["--quiet", "--force-download", "--resume-download", "--dry-run"];

    /// <summary>Downloads of init containers that are looked at.</summary>
    private const int Most = 64;

    /// <summary>The id is null where several models go into one folder.</summary>
    private readonly Dictionary<string, (string? Id, string By)> _folders = new(StringComparer.Ordinal);

    private ModelDownloads()
    {
    }

    /// <summary>What is there when each container of a pod starts.</summary>
    /// <param name="pod">Its containers.</param>
    /// <param name="configMaps">Those that are known, whose values may be in the environment.</param>
    public static IEnumerable<(V1Container Container, ModelDownloads Downloads)> OfContainers(V1PodSpec pod, IReadOnlyList<V1ConfigMap>? configMaps = null)
    {
        List<(string Volume, string Inside, string Id, string By)> before = [.. OfInit(pod, configMaps).Take(Most)];
        foreach (var container in (pod.Containers ?? []).OfType<V1Container>())
        {
            var downloads = new ModelDownloads();
            foreach (var (volume, inside, id, by) in before)
            {
                foreach (var seen in ContainerPath.SeenBy(container, volume, inside))
                    downloads.Add(seen, id, by);
            }
            yield return (container, downloads);
        }
    }

    private static IEnumerable<(string Volume, string Inside, string Id, string By)> OfInit(V1PodSpec pod, IReadOnlyList<V1ConfigMap>? configMaps)
    {
        foreach (var init in (pod.InitContainers ?? []).OfType<V1Container>())
        {
            foreach (var command in ContainerWords.Of(pod, init, configMaps).Commands)
            {
                if (Of(command) is var (folder, id) && ContainerPath.MountOf(init, folder) is { Name: { } volume, SubPathExpr: null } mount)
                    yield return (volume, ContainerPath.InVolume(folder, mount), id, $"init container {init.Name}");
            }
        }
    }

    /// <summary>Takes what a command of the container's own script downloads.</summary>
    public void Take(ShellCommand command)
    {
        if (Of(command) is var (folder, id))
            Add(folder, id, "the script");
    }

    /// <param name="path">As a command names it.</param>
    /// <param name="directory">Where the command runs.</param>
    /// <returns>The model's id, and the sentence that says so; null where nothing is downloaded there.</returns>
    public (string Id, string Said)? Find(string path, string directory) =>
        _folders.Count > 0 && _folders.TryGetValue(ContainerPath.Of(path, directory), out var found) && found.Id is { } id ? (id, $"{path} is {id}, which {found.By} downloads there.") : null;

    /// <summary>The words of a command with ids for folders, which stand alone or behind a flag and an equals sign.</summary>
    /// <param name="command">The command.</param>
    /// <param name="said">A sentence for each folder that was named.</param>
    public IReadOnlyList<string> Named(ShellCommand command, out IReadOnlyList<string> said)
    {
        List<string> words = [], sentences = [];
        foreach (var word in command.Words)
        {
            var start = Argument.IsFlag(word) ? word.IndexOf('=', StringComparison.Ordinal) + 1 : 0;
            if ((start == 0 && Argument.IsFlag(word)) || Find(word[start..], command.Directory) is not var (id, sentence))
            {
                words.Add(word);
                continue;
            }
            words.Add(word[..start] + id);
            sentences.Add(sentence);
        }
        said = [.. sentences.Distinct()];
        return words;
    }

    private void Add(string folder, string id, string by) => _folders[folder] = (_folders.TryGetValue(folder, out var before) && before.Id != id ? null : id, by);

    private static (string Folder, string Id)? Of(ShellCommand command)
    {
        var words = command.Words;
        var at = words.TakeWhile(word => Path.GetFileName(word) is not ("huggingface-cli" or "hf")).Count();
        if (at + 1 >= words.Count || words[at + 1] != "download")
            return null;
        List<Argument> arguments = [.. Argument.Split([.. words.Skip(at + 2)], flag => Alone.Contains(flag) ? FlagValues.None : flag is "--include" or "--exclude" ? FlagValues.Several : null)];
        return arguments.Find(argument => argument.Name is null).Said is { } id && ServedModel.IsId(id)
            && arguments.Find(argument => argument.Name == "--local-dir").Values is [var folder] && folder.TrimEnd('/').Length > 0 && folder.AsSpan().IndexOfAny('$', '`') < 0
            && arguments.Find(argument => argument.Name == "--repo-type").Values is null or ["model"]
            ? (ContainerPath.Of(folder, command.Directory), id)
            : null;
    }
}
