using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuMem.Kubernetes.Yaml;

/// <summary>
/// Turns YAML into JSON nodes from parser events. Depth and number of nodes of the whole file are bounded, and what an alias stands
/// for is counted each time, so that a few lines cannot become gigabytes: nothing has more values than letters.
/// </summary>
internal sealed class YamlDocuments
{
    private const int MaxDepth = 200;
    private const int FewNodes = 10_000, MaxNodes = 2_000_000;

    private readonly IParser _parser;
    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private readonly int _most;
    private int _nodes;

    private YamlDocuments(IParser parser, int letters) => (_parser, _most) = (parser, Math.Clamp(letters, FewNodes, MaxNodes));

    internal static IReadOnlyList<JsonNode> Read(string text)
    {
        Parser parser = new(new StringReader(text));
        try
        {
            return new YamlDocuments(parser, text.Length).ReadAll();
        }
        catch (InvalidOperationException scannerGaveUp)
        {
            // YamlDotNet's scanner has no words for some mistakes, a tab as indentation among them.
            Mark at = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "what follows is not YAML (is there a tab in the indentation?)", scannerGaveUp);
        }
    }

    private List<JsonNode> ReadAll()
    {
        List<JsonNode> documents = [];
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            _parser.Consume<DocumentStart>();
            // An anchor is known in its own document only.
            _anchors.Clear();
            if (ReadNode(0) is { } document)
                documents.Add(document);
            _parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private JsonNode? ReadNode(int depth)
    {
        ParsingEvent at = _parser.Current ?? throw new YamlException("the document ends too early");
        if (depth > MaxDepth)
            throw new YamlException(at.Start, at.End, $"nested deeper than {MaxDepth} levels");
        Count(at, 1);

        if (Take<AnchorAlias>() is { } alias)
            return Repeat(alias);
        AnchorName anchor = (at as NodeEvent)?.Anchor ?? AnchorName.Empty;
        JsonNode? node = at switch
        {
            MappingStart => ReadMapping(depth),
            SequenceStart => ReadSequence(depth),
            _ => YamlScalar.ToJson(_parser.Consume<Scalar>()),
        };
        if (!anchor.IsEmpty)
            _anchors[anchor] = node;
        return node;
    }

    private JsonArray ReadSequence(int depth)
    {
        JsonArray items = [];
        _parser.Consume<SequenceStart>();
        while (Take<SequenceEnd>() is null)
            items.Add(ReadNode(depth + 1));
        return items;
    }

    private JsonObject ReadMapping(int depth)
    {
        JsonObject members = [];
        List<JsonObject> merged = [];
        _parser.Consume<MappingStart>();
        while (Take<MappingEnd>() is null)
        {
            if (Take<Scalar>() is not { } key)
                throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a key must be plain text");
            JsonNode? value = ReadNode(depth + 1);
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
                merged.AddRange(Merged(key, value));
            else if (!members.TryAdd(key.Value, value))
                throw new YamlException(key.Start, key.End, $"the key '{key.Value}' is there twice");
        }

        // Own members win over merged ones, earlier merges over later ones.
        foreach ((string name, JsonNode? value) in merged.SelectMany(source => source))
        {
            if (!members.ContainsKey(name))
                members.Add(name, value?.DeepClone());
        }

        return members;
    }

    private static IEnumerable<JsonObject> Merged(Scalar key, JsonNode? value) => value switch
    {
        JsonObject one => [one],
        JsonArray several when several.All(item => item is JsonObject) => several.Select(item => item!.AsObject()),
        _ => throw new YamlException(key.Start, key.End, "'<<' must be followed by a mapping"),
    };

    private JsonNode? Repeat(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out JsonNode? node))
            throw new YamlException(alias.Start, alias.End, $"there is no anchor '{alias.Value}'");
        Count(alias, Size(node));
        return node?.DeepClone();
    }

    private TEvent? Take<TEvent>()
        where TEvent : ParsingEvent
    {
        if (_parser.Current is not TEvent taken)
            return null;
        _parser.MoveNext();
        return taken;
    }

    private void Count(ParsingEvent at, int nodes)
    {
        _nodes += nodes;
        if (_nodes > _most)
            throw new YamlException(at.Start, at.End, $"more than {_most} values, counting what aliases stand for");
    }

    private static int Size(JsonNode? node) => node switch
    {
        JsonObject members => 1 + members.Sum(member => Size(member.Value)),
        JsonArray items => 1 + items.Sum(Size),
        _ => 1,
    };
}
