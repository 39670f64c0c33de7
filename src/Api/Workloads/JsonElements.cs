using System.Globalization;
using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Ways into a manifest that may have any shape: what is not as it should be is not there.</summary>
internal static class JsonElements
{
    public static JsonElement? Member(this JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static JsonElement? Member(this JsonElement? element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            element = element.Member(name);
        return element;
    }

    public static string? Text(this JsonElement? element, string name) => element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A number, also where it is written as text.</summary>
    public static long? Number(this JsonElement? element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) && value >= 0 => value,
        { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) => value,
        _ => null,
    };

    /// <summary>The objects of a list, each with its place.</summary>
    public static IEnumerable<(string At, JsonElement? Item)> Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select((item, at) => (At: at.ToString(CultureInfo.InvariantCulture), Item: (JsonElement?)item)).Where(item => item.Item is { ValueKind: JsonValueKind.Object })
            : [];

    /// <summary>The members of an object that are objects themselves.</summary>
    public static IEnumerable<(string Name, JsonElement? Value)> Members(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } members
            ? members.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Object).Select(member => (member.Name, (JsonElement?)member.Value))
            : [];

    /// <summary>Of two counts, as far as both are known; what no cluster has is not known.</summary>
    public static long? Times(long? one, long? other) => one is { } a and >= 0 and <= 1_000_000 && other is { } b and >= 0 and <= 1_000_000 ? a * b : null;
}
