namespace GpuMem.Api.Commands;

/// <summary>Models that a script downloads into a folder before it starts something on it: from there on the folder is the model's id.</summary>
internal static class ModelDownloads
{
    // Flags of huggingface-cli download that stand alone (huggingface_hub/commands/download.py).
    private static readonly string[] Alone = ["--quiet", "--force-download", "--resume-download", "--dry-run"];

    /// <returns>The commands, with ids for the folders.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Named(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        Dictionary<string, string> ids = new(StringComparer.Ordinal);
        List<IReadOnlyList<string>> named = [];
        foreach (var command in commands)
        {
            if (Of(command) is var (folder, id))
                ids[folder] = id;
            named.Add(ids.Count == 0 ? command : [.. command.Select(word => Named(word, ids))]);
        }
        return named;
    }

    private static (string Folder, string Id)? Of(IReadOnlyList<string> words)
    {
        var at = words.TakeWhile(word => Path.GetFileName(word) is not ("huggingface-cli" or "hf")).Count();
        if (at + 1 >= words.Count || words[at + 1] != "download")
            return null;
        List<Argument> arguments = [.. Argument.Split([.. words.Skip(at + 2)], flag => Alone.Contains(flag) ? FlagValues.None : flag is "--include" or "--exclude" ? FlagValues.Several : null)];
        return arguments.Find(argument => argument.Name is null).Said is { } id && ServedModel.IsId(id)
            && arguments.Find(argument => argument.Name == "--local-dir").Values is [var folder] && folder.TrimEnd('/').Length > 0
            ? (folder.TrimEnd('/'), id)
            : null;
    }

    /// <summary>The folder alone, or behind a flag and an equals sign.</summary>
    private static string Named(string word, Dictionary<string, string> ids)
    {
        var start = Argument.IsFlag(word) ? word.IndexOf('=', StringComparison.Ordinal) + 1 : 0;
        return ids.TryGetValue(word[start..].TrimEnd('/'), out var id) ? word[..start] + id : word;
    }
}
