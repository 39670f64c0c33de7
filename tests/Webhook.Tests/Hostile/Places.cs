using System.Text.Json.Nodes;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>Every place of a document that a value stands at.</summary>
internal static class Places
{
    /// <summary>The way to each, by names and positions; that to the document itself is empty.</summary>
    public static IEnumerable<IReadOnlyList<object>> Of(JsonNode? node)
    {
        yield return [];
        IEnumerable<(object Step, JsonNode? Child)> children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray items => items.Select((item, position) => ((object)position, item)),
            _ => [],
        };
        foreach (var (step, child) in children)
            foreach (var below in Of(child))
                yield return [step, .. below];
    }

    public static JsonNode? At(JsonNode? node, IReadOnlyList<object> way) =>
        way.Aggregate(node, (at, step) => step is string name ? at![name] : at![(int)step]);

    /// <summary>The document with another value at that place, as text.</summary>
    public static string With(string document, IReadOnlyList<object> way, string value)
    {
        if (way.Count == 0)
            return value;
        var root = JsonNode.Parse(document)!;
        var parent = At(root, [.. way.SkipLast(1)])!;
        // The value may be one that no JsonNode can hold.
        if (way[^1] is string name)
            parent[name] = Mark;
        else
            parent[(int)way[^1]] = Mark;
        return root.ToJsonString().Replace($"\"{Mark}\"", value, StringComparison.Ordinal);
    }

    /// <summary>The document without what is at that place.</summary>
    public static string Without(string document, IReadOnlyList<object> way)
    {
        var root = JsonNode.Parse(document)!;
        var parent = At(root, [.. way.SkipLast(1)])!;
        if (way[^1] is string name)
            parent.AsObject().Remove(name);
        else
            parent.AsArray().RemoveAt((int)way[^1]);
        return root.ToJsonString();
    }

    public static string Name(IReadOnlyList<object> way) => way.Count == 0 ? "itself" : string.Join('.', way);

    private const string Mark = "the-other-value";
}
