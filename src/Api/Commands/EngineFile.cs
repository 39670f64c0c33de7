using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands.Training;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>
/// The file that --config names, whose keys are the engine's flags: those of the command line go over it (vllm/utils/argparse_utils.py, load_config_file;
/// sglang/srt/server_args_config_parser.py). Keys of TensorRT-LLM's are its Python arguments, some in objects (tensorrt_llm/llmapi/llm_args.py,
/// update_llm_args_with_extra_dict, which leaves what the command line says).
/// </summary>
internal static class EngineFile
{
    private const string Flag = "--config";
    private const string Options = "--extra-llm-api-options";

    /// <param name="engine">What is started.</param>
    /// <param name="release">Of the engine; one that has no such flag refuses it. Null where it is not known.</param>
    /// <param name="words">Its arguments.</param>
    /// <param name="files">Those of its container.</param>
    /// <param name="said">What was read, as it was written, or what was not, with the reason; null where no file is named.</param>
    /// <returns>The arguments, with what the file says in front; those of the command line alone where it cannot be read, which <paramref name="isRead"/> tells.</returns>
    public static IReadOnlyList<string> Expand(InferenceEngine engine, string? release, IReadOnlyList<string> words, ContainerFiles files, out string? said, out bool isRead)
    {
        (said, isRead) = (null, false);
        var at = engine is InferenceEngine.VLLM or InferenceEngine.SGLang or InferenceEngine.TensorRTLLM && FlagList.Of(engine).Find(Flag, release) is not null
            ? Array.FindIndex([.. words], word => NamesFile(engine, word.Split('=')[0]))
            : -1;
        if (at < 0)
            return words;
        var equals = words[at].IndexOf('=', StringComparison.Ordinal);
        var isJoined = equals > 0;
        var path = isJoined ? words[at][(equals + 1)..] : at + 1 < words.Count ? words[at + 1] : "";
        List<string> own = [.. words.Take(at), .. words.Skip(isJoined ? at + 1 : at + 2)];
        said = isJoined ? words[at] : $"{words[at]} {path}";
        if (files.Read(path, out var problem) is not { } keys)
        {
            said = $"{said} ({problem})";
            return own;
        }
        isRead = true;
        var given = own.Where(Argument.IsFlag).Select(word => Argument.NameOf(word.Split('=')[0])).ToHashSet(StringComparer.Ordinal);

        // The model may stand first, without a flag.
        if (own is [var first, ..] && !Argument.IsFlag(first))
            given.Add("--model");
        var list = FlagList.Of(engine);
        var stated = given.Select(name => list.Find(name, release)?.Of ?? name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Flat(engine, "", keys)
                .Where(key => !given.Contains(NameOf(key.Key)) && !(engine == InferenceEngine.TensorRTLLM && list.Find(NameOf(key.Key), release) is { } flag && stated.Contains(flag.Of)))
                .SelectMany(key => Words(NameOf(key.Key), key.Value)),
            .. own,
        ];
    }

    private static bool NamesFile(InferenceEngine engine, string name) => name == Flag || (engine == InferenceEngine.TensorRTLLM && Argument.NameOf(name) == Options);

    /// <summary>TensorRT-LLM's objects, key by key: kv_cache_config.dtype.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Flat(InferenceEngine engine, string above, JsonObject keys) => engine == InferenceEngine.TensorRTLLM
        ? keys.SelectMany(key => key.Value is JsonObject inner ? Flat(engine, $"{above}{key.Key}.", inner) : [new($"{above}{key.Key}", key.Value)])
        : keys;

    private static string NameOf(string key) => Argument.NameOf($"--{key}");

    /// <summary>True is a flag that stands alone, and false is none; a mapping is its JSON.</summary>
    public static IEnumerable<string> Words(string name, JsonNode? value) => value switch
    {
        null => [],
        JsonArray items => items.Count == 0 ? [] : items.OfType<JsonNode>().Select(Setting.Text).Prepend(name),
        JsonObject mapping => [name, mapping.ToJsonString()],
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => [name],
            JsonValueKind.False => [],
            _ => [name, Setting.Text(value)],
        },
    };
}
