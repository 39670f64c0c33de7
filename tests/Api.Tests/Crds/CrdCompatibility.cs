using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuMem.Api.Tests.Crds;

/// <summary>
/// What a newer CRD refuses or forgets of what an older one accepted. Within an API version there may be none: stored objects would become
/// unreadable and people's manifests invalid.
/// </summary>
internal static class CrdCompatibility
{
    private static readonly string[] Fixed =
        ["type", "format", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"];

    // These may be taken away, but not added or changed: of two patterns it cannot be told which is the narrower.
    private static readonly string[] Limits = ["pattern", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"];

    /// <summary>One line for each.</summary>
    public static IReadOnlyList<string> Narrowings(JsonObject released, JsonObject current) => [.. Identity(released, current), .. Versions(released, current)];

    private static IEnumerable<string> Identity(JsonObject released, JsonObject current) =>
        from path in new[] { "metadata.name", "spec.group", "spec.scope", "spec.names.kind", "spec.names.plural" }
        let old = At(released, path)
        let now = At(current, path)
        where !JsonNode.DeepEquals(old, now)
        select $"{path} was {old} and is {now}";

    private static IEnumerable<string> Versions(JsonObject released, JsonObject current)
    {
        var versions = current["spec"]!["versions"]!.AsArray();
        foreach (var old in released["spec"]!["versions"]!.AsArray())
        {
            var now = versions.FirstOrDefault(version => (string?)version!["name"] == (string?)old!["name"]);
            if (now is null)
                yield return $"version {old!["name"]} was removed";
            else
                foreach (var narrowing in Schemas(OpenApi(old!), OpenApi(now), ""))
                    yield return narrowing;
        }
    }

    /// <summary>A part of the status may become one value: the operator alone applies it, by force, and no other owner can lose a field.</summary>
    private static bool IsOneWriters(string keyword, JsonObject now, string path) =>
        keyword == "x-kubernetes-map-type" && (string?)now[keyword] == "atomic" && path.StartsWith(".status.", StringComparison.Ordinal);

    private static IEnumerable<string> Schemas(JsonObject old, JsonObject now, string path) =>
        Own(old, now, path).Select(narrowing => $"{path}: {narrowing}").Concat(Inner(old, now, path));

    private static IEnumerable<string> Own(JsonObject old, JsonObject now, string path)
    {
        if (IsNumberOrWord(old, now))
            yield break;
        foreach (var keyword in Fixed.Where(keyword => !JsonNode.DeepEquals(old[keyword], now[keyword]) && !IsOneWriters(keyword, now, path)))
            yield return $"{keyword} was {Text(old[keyword])} and is {Text(now[keyword])}";
        foreach (var keyword in Limits.Where(keyword => now[keyword] is not null && !JsonNode.DeepEquals(old[keyword], now[keyword])))
            yield return $"{keyword} was {Text(old[keyword])} and is {Text(now[keyword])}";
        foreach (var keyword in new[] { "maxLength", "maxItems", "maxProperties", "maximum" }.Where(keyword => Bound(now, keyword, double.MaxValue) < Bound(old, keyword, double.MaxValue)))
            yield return $"{keyword} was {Text(old[keyword])} and is {Text(now[keyword])}";
        foreach (var keyword in new[] { "minLength", "minItems", "minProperties", "minimum" }.Where(keyword => Bound(now, keyword, double.MinValue) > Bound(old, keyword, double.MinValue)))
            yield return $"{keyword} was {Text(old[keyword])} and is {Text(now[keyword])}";
        if (old.ContainsKey("x-kubernetes-preserve-unknown-fields") && !now.ContainsKey("x-kubernetes-preserve-unknown-fields"))
            yield return "unknown fields are no longer preserved";
        if (now.ContainsKey("enum") && !old.ContainsKey("enum"))
            yield return "enum is new";
        foreach (var name in now.ContainsKey("enum") ? Lost(old, now, "enum") : [])
            yield return $"{name} is no longer a value";
        foreach (var name in Lost(now, old, "required"))
            yield return $"{name} became required";
        foreach (var rule in Rules(now).Except(Rules(old)).Where(rule => !IsOfNewField(rule, old) && !IsOfWord(rule, old) && !Rules(old).Any(weaker => rule.StartsWith($"{weaker} || ", StringComparison.Ordinal))))
            yield return $"the rule {rule} is new";
    }

    /// <summary>It holds of every object without a field that the older CRD does not have. A conditional expression would bind less than the alternative.</summary>
    private static bool IsOfNewField(string rule, JsonObject old) =>
        Regex.Match(rule, @"^!has\(self\.(\w+)\) \|\| [^?]+$") is { Success: true } guard && (old["properties"] as JsonObject)?.ContainsKey(guard.Groups[1].Value) == false;

    /// <summary>A whole number may become a number or the word Auto, where its bounds are at least as wide.</summary>
    private static bool IsNumberOrWord(JsonObject old, JsonObject now) => (string?)old["type"] == "integer" && (bool?)now["x-kubernetes-int-or-string"] == true && Rules(now).All(rule =>
        Regex.Match(rule, @"^type\(self\) == string \? self == 'Auto' : int\(self\) >= (\d+) && int\(self\) <= (\d+)$") is { Success: true } bounds
        && double.Parse(bounds.Groups[1].Value, CultureInfo.InvariantCulture) <= Bound(old, "minimum", double.MinValue)
        && double.Parse(bounds.Groups[2].Value, CultureInfo.InvariantCulture) >= Bound(old, "maximum", double.MaxValue));

    /// <summary>It binds only where a field that was a number is a word.</summary>
    private static bool IsOfWord(string rule, JsonObject old) =>
        Regex.Match(rule, @"^!has\(self\.(\w+)\) \|\| type\(self\.\1\) != string \|\| [^?]+$") is { Success: true } guard && (string?)old["properties"]?[guard.Groups[1].Value]?["type"] == "integer";

    private static IEnumerable<string> Inner(JsonObject old, JsonObject now, string path)
    {
        foreach (var (name, property) in old["properties"] as JsonObject ?? [])
            foreach (var narrowing in now["properties"]?[name] is JsonObject successor ? Schemas(property!.AsObject(), successor, $"{path}.{name}") : [$"{path}.{name} was removed"])
                yield return narrowing;
        foreach (var keyword in new[] { "items", "additionalProperties" })
            if (old[keyword] is JsonObject item)
                foreach (var narrowing in now[keyword] is JsonObject successor ? Schemas(item, successor, $"{path}[]") : [$"{path}: {keyword} was removed"])
                    yield return narrowing;
    }

    /// <summary>What the first list has and the second has not.</summary>
    private static IEnumerable<string> Lost(JsonObject first, JsonObject second, string keyword) => Strings(first[keyword]).Except(Strings(second[keyword]));

    private static IEnumerable<string> Strings(JsonNode? list) => (list as JsonArray ?? []).Select(item => (string)item!);

    private static IEnumerable<string> Rules(JsonObject schema) => (schema["x-kubernetes-validations"] as JsonArray ?? []).Select(rule => (string)rule!["rule"]!);

    private static double Bound(JsonObject schema, string keyword, double absent) =>
        schema[keyword] is { } bound ? double.Parse(bound.ToJsonString(), CultureInfo.InvariantCulture) : absent;

    private static JsonNode? At(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, name) => at?[name]);

    private static string Text(JsonNode? node) => node?.ToString() ?? "absent";

    private static JsonObject OpenApi(JsonNode version) => version["schema"]!["openAPIV3Schema"]!.AsObject();
}
