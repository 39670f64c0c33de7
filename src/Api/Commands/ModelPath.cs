using System.Text.RegularExpressions;
using GpuMem.Catalogues.Models;

namespace GpuMem.Api.Commands;

/// <summary>Which model lies in a folder, a file or a bucket that nobody fills in sight: people call them after the model.</summary>
internal static partial class ModelPath
{
    /// <summary>What the hub's cache calls the folder of a model: models--meta-llama--Llama-3.1-8B (huggingface_hub/file_download.py, repo_folder_name).</summary>
    private const string Cached = "models--";

    /// <param name="path">As a command names it.</param>
    /// <returns>The model's name and a sentence that says where it is from; null where no part of the path is the name of a model that is built in.</returns>
    public static (string Name, string Said)? Of(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path.AsSpan().IndexOfAny('$', '`') >= 0 || parts is not [.., var last])
            return null;
        if (Array.FindLast(parts, part => part.StartsWith(Cached, StringComparison.Ordinal)) is { } folder && folder[Cached.Length..].Split("--") is [_, ..] id)
            return (string.Join('/', id), $"{path} is the hub's cache of {string.Join('/', id)}.");
        var name = Shard().Replace(last.EndsWith(".gguf", StringComparison.Ordinal) ? last[..^".gguf".Length] : WithoutTag(path, last), "");
        // A folder cannot have the slash of an id in its name; two dashes stand for it there, as in the hub's cache.
        return Array.Find([name.Replace("--", "/", StringComparison.Ordinal), name], known => ModelCatalogue.TryFind(known, out _, out _)) is { } model ? (model, $"model {model} is taken from the end of {path}.") : null;
    }

    /// <summary>Images of models have a tag, as those of containers do.</summary>
    private static string WithoutTag(string path, string last) => path.StartsWith("oci://", StringComparison.Ordinal) ? last.Split('@', ':')[0] : last;

    /// <summary>The number of a file of several (llama.cpp, llama_split_path).</summary>
    [GeneratedRegex("-[0-9]{5}-of-[0-9]{5}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shard();
}
