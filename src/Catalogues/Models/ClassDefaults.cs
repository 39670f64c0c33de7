using System.Collections.Concurrent;
using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>
/// What a class of huggingface/transformers takes for a field that a file does not state, and the other names of its fields.
/// Written by hack/oracle.sh from the classes themselves.
/// </summary>
internal sealed class ClassDefaults
{
    private const int LongestCycle = 8;

    // What every complete file states: the class's value would hide that it is missing.
    private static readonly HashSet<string> Core =
    [
        "hidden_size", "n_embd", "d_model", "n_embed", "dim", "num_hidden_layers", "n_layer", "n_layers", "num_layers",
        "num_attention_heads", "n_head", "n_heads", "num_heads", "intermediate_size", "ffn_dim", "ffn_hidden_size", "vocab_size",
    ];

    private const string File = "class-defaults.json";

    private static readonly Lazy<Dictionary<string, BuiltInJson>> Types = new(Index);

    // Of the types that somebody asked for.
    private static readonly ConcurrentDictionary<string, JsonElement> Known = new();

    private readonly JsonElement _class;
    private readonly JsonElement? _above;
    private readonly bool _withoutCore;

    private ClassDefaults(JsonElement type, JsonElement? above, bool withoutCore) => (_class, _above, _withoutCore) = (type, above, withoutCore);

    /// <summary>Of the class of a type; null when it is not known.</summary>
    /// <param name="modelType">As the file states it.</param>
    /// <param name="isNested">The fields are those of a part, whose files leave out whatever is as in the class.</param>
    public static ClassDefaults? Of(string? modelType, bool isNested) =>
        modelType is not null && TryFind(modelType, out var type) ? new(type, null, !isNested) : null;

    /// <summary>Of a part of a class: its own type's; with what the class states of it only where the file leaves the whole part out.</summary>
    public ClassDefaults? Part(string name, string? statedType, bool isStated = true)
    {
        if (!_class.TryGetProperty("parts", out var parts) || !parts.TryGetProperty(name, out var part))
            return Of(statedType, isNested: true);
        var type = part.GetProperty("type").GetString()!;
        if (!TryFind(statedType ?? type, out var found))
            return null;
        return new(found, !isStated && part.TryGetProperty("fields", out var fields) ? fields : null, withoutCore: false);
    }

    /// <summary>The type of a part whose file does not state one.</summary>
    public string? TypeOf(string name) =>
        _class.TryGetProperty("parts", out var parts) && parts.TryGetProperty(name, out var part) ? part.GetProperty("type").GetString() : null;

    /// <summary>The class's own name of a field; null when it is the same.</summary>
    public string? NameOf(string name) => _class.TryGetProperty("map", out var map) && map.TryGetProperty(name, out var own) ? own.GetString() : null;

    public bool TryGet(string name, out JsonElement value)
    {
        value = default;
        if (_withoutCore && Core.Contains(name))
            return false;
        return (_above is { } above && above.TryGetProperty(name, out value))
            || (_class.TryGetProperty("fields", out var fields) && fields.TryGetProperty(name, out value));
    }

    /// <summary>The class has such a field.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="usual">The value that it declares; null where that follows from other fields.</param>
    public bool Declares(string name, out JsonElement? usual)
    {
        usual = _above is { } above && above.TryGetProperty(name, out var given) || _class.TryGetProperty("fields", out var fields) && fields.TryGetProperty(name, out given) ? given : null;
        return usual is not null || (_class.TryGetProperty("derived", out var derived) && derived.TryGetProperty(name, out _));
    }

    /// <summary>The pattern in which a list of one text for each layer repeats, when the class makes one; null otherwise.</summary>
    public IReadOnlyList<string>? Cycle(string name)
    {
        if (!_class.TryGetProperty("derived", out var derived) || !derived.TryGetProperty(name, out var rule) || rule.ValueKind != JsonValueKind.Object
            || !rule.TryGetProperty("value", out var list) || list.ValueKind != JsonValueKind.Array)
            return null;
        string[] texts = [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
        for (var period = 1; period <= LongestCycle && 2 * period <= texts.Length; period++)
        {
            if (Enumerable.Range(0, texts.Length).All(index => texts[index] == texts[index % period]))
                return texts[..period];
        }

        return null;
    }

    private static bool TryFind(string type, out JsonElement found)
    {
        found = Types.Value.TryGetValue(type, out var json) ? Known.GetOrAdd(type, static (_, entry) => entry.Read(), json) : default;
        return found.ValueKind == JsonValueKind.Object;
    }

    private static Dictionary<string, BuiltInJson> Index()
    {
        var types = new Dictionary<string, BuiltInJson>();
        var reader = new Utf8JsonReader(BuiltIn.Bytes(File));
        while (!(reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("types"u8)))
            reader.Read();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            types.Add(reader.GetString()!, BuiltInJson.Next(File, ref reader));
        return types;
    }
}
