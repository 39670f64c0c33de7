using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Planning;

/// <summary>
/// One field of a TrainingJob's spec and the value to give it. It is stated once, and can be made in a request, printed, and written as a
/// merge patch.
/// </summary>
public sealed class Change
{
    private readonly Func<JsonNode?> _value;
    private readonly Func<PlanRequest, PlanRequest> _apply;

    /// <param name="path">Below <c>spec</c>.</param>
    /// <param name="value">A new node at each call; null takes the field away.</param>
    /// <param name="apply">What the field decides.</param>
    internal Change(string path, Func<JsonNode?> value, Func<PlanRequest, PlanRequest> apply) =>
        (Path, _value, _apply) = (path, value, apply);

    /// <summary>Below <c>spec</c>: <c>training.recompute</c>.</summary>
    public string Path { get; }

    /// <summary>As one would type it in YAML: <c>Full</c>, <c>2</c>, <c>[h100, h200]</c>.</summary>
    public string Value => Text(_value());

    /// <summary>The request with this field changed.</summary>
    public PlanRequest ApplyTo(PlanRequest request) => _apply(request);

    /// <summary>A merge patch of a TrainingJob that makes all of <paramref name="changes"/>.</summary>
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
