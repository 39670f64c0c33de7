using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Planning;

/// <summary>One field of a spec and the value to give it, as it is printed and as it is written in a merge patch.</summary>
public abstract class Change
{
    private readonly Func<JsonNode?> _value;

    /// <param name="path">Below <c>spec</c>.</param>
    /// <param name="value">A new node at each call; null takes the field away.</param>
    private protected Change(string path, Func<JsonNode?> value) => (Path, _value) = (path, value);

    /// <summary>Below <c>spec</c>: <c>training.recompute</c>.</summary>
    public string Path { get; }

    /// <summary>As one would type it in YAML: <c>Full</c>, <c>2</c>, <c>[h100, h200]</c>.</summary>
    public string Value => Text(_value());

    /// <summary>A merge patch of the object that makes all of <paramref name="changes"/>.</summary>
    public static JsonObject MergePatch(IEnumerable<Change> changes)
    {
        var spec = new JsonObject();
        foreach (var change in changes)
        {
            var parent = spec;
            var names = change.Path.Split('.');
            foreach (var name in names.AsSpan(0, names.Length - 1))
            {
                if (parent[name] is not JsonObject child)
                    parent[name] = child = [];
                parent = child;
            }
            parent[names[^1]] = change._value();
        }
        return new JsonObject { ["spec"] = spec };
    }

    public override string ToString() => $"{Path}: {Value}";

    private static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray items => $"[{string.Join(", ", items.Select(Text))}]",
        JsonValue scalar when scalar.TryGetValue<long>(out var number) => number.ToString(CultureInfo.InvariantCulture),
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(),
    };
}

/// <summary>
/// A change that can be made in a request, too: it is stated once, so what is proposed is what was planned.
/// </summary>
/// <typeparam name="TRequest">What is planned: a job or a server.</typeparam>
public sealed class Change<TRequest> : Change
{
    private readonly Func<TRequest, TRequest> _apply;

    /// <param name="path">Below <c>spec</c>.</param>
    /// <param name="value">A new node at each call; null takes the field away.</param>
    /// <param name="apply">What the field decides.</param>
    internal Change(string path, Func<JsonNode?> value, Func<TRequest, TRequest> apply)
        : base(path, value) => _apply = apply;

    /// <summary>The request with this field changed.</summary>
    public TRequest ApplyTo(TRequest request) => _apply(request);
}
