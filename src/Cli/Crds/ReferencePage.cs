using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Inference;

namespace GpuMem.Cli.Crds;

/// <summary>The page that lists every field of the resources, from the schemas that a cluster gets, beside the flag that sets it.</summary>
internal static class ReferencePage
{
    private const string Head = """
        # Reference

        Every field of the resources: what it takes, what it is when it is not given, the flag that sets it on a terminal, and what it means, with its unit.
        `kubectl explain` shows the same of a cluster. This page is written by `gpumem crd --page docs/reference.md`; what the fields are for is told in
        [trainingjob.md](trainingjob.md), [modelserver.md](modelserver.md) and, of a file for `gpumem inference`, [serving.md](serving.md).

        """;

    public static string Of(JsonObject trainingJob, JsonObject modelServer, JsonObject gpuPool)
    {
        var page = new StringBuilder(Head);
        Write(page, trainingJob, "`gpumem estimate`, `explain` and `plan`", [.. new JobFlags().Fields()]);
        Write(page, modelServer, "`gpumem inference`", [.. new InferenceFlags().Fields()]);
        Write(page, gpuPool, null, []);
        return page.ToString().ReplaceLineEndings("\n");
    }

    /// <param name="page">Where it goes.</param>
    /// <param name="definition">The CustomResourceDefinition.</param>
    /// <param name="commands">Whose flags they are; null where there are none.</param>
    /// <param name="flags">The flags of its spec.</param>
    private static void Write(StringBuilder page, JsonObject definition, string? commands, IReadOnlyList<FieldFlag> flags)
    {
        var (kind, schema) = (definition["spec"]!["names"]!["kind"], definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!);
        page.AppendLine().AppendLine($"## {kind}").AppendLine().AppendLine(Meaning(schema).Text);
        foreach (var part in new[] { "spec", "status" })
        {
            if (schema["properties"]![part] is not { } fields)
                continue;
            var hasFlags = commands is not null && part == "spec";
            page.AppendLine().AppendLine($"### {kind} {part}").AppendLine().AppendLine(Meaning(fields).Text).AppendLine();
            page.AppendLine(hasFlags ? $"| field | type | default | flag of {commands} | meaning |\n|---|---|---|---|---|" : part == "spec" ? "| field | type | default | meaning |\n|---|---|---|---|" : "| field | type | meaning |\n|---|---|---|");
            foreach (var (path, field, isNeeded) in Fields(fields, ""))
            {
                var (text, usual) = Meaning(field);
                string[] cells = [$"`{path}`", Type(field), .. part == "spec" ? (string[])[isNeeded ? "(needed)" : usual] : [], .. hasFlags ? (string[])[string.Join(", ", flags.Where(flag => flag.Sets(path)).Select(flag => flag.Words))] : [], text];
                page.AppendLine($"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
            }
        }
    }

    /// <summary>All that lie beneath one, each before those beneath it.</summary>
    private static IEnumerable<(string Path, JsonNode Field, bool IsNeeded)> Fields(JsonNode schema, string above)
    {
        foreach (var (name, field) in schema["properties"] as JsonObject ?? [])
        {
            yield return (above + name, field!, (schema["required"] as JsonArray ?? []).Any(needed => $"{needed}" == name));
            foreach (var beneath in field!["items"] is { } item ? Fields(item, $"{above}{name}[].") : Fields(field, $"{above}{name}."))
                yield return beneath;
        }
    }

    /// <summary>What a description says, and apart from it what it says of a field that is not given.</summary>
    private static (string Text, string Default) Meaning(JsonNode schema)
    {
        var (said, example) = Cut($"{schema["description"]}", " Example: ");
        var (meaning, usual) = Cut(said, " Default");
        var rules = Messages(schema).Where(message => !IsOfAuto(message)).Select(rule => $" Checked: {rule}.");
        return (string.Concat(rules.Prepend(example).Prepend(meaning)), usual.Length == 0 ? "" : usual[" Default".Length..].TrimStart(':', ' ').TrimEnd('.'));
    }

    private static (string Before, string From) Cut(string text, string at) => text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var index ? (text[..index], text[index..]) : (text, "");

    /// <summary>What a number that may be left open takes.</summary>
    private static bool IsOfAuto(string message) => message.StartsWith("give Auto or", StringComparison.Ordinal);

    private static IEnumerable<string> Messages(JsonNode schema) => (schema["x-kubernetes-validations"] as JsonArray ?? []).Select(rule => $"{rule!["message"]}");

    private static string Type(JsonNode schema)
    {
        if (schema["enum"] is JsonArray names)
            return string.Join(", ", names);
        if (Messages(schema).FirstOrDefault(IsOfAuto) is { } auto)
            return auto["give ".Length..];
        if (schema["x-kubernetes-int-or-string"] is not null)
            return $"{schema["pattern"]}".Contains("Gi", StringComparison.Ordinal) ? "quantity of bytes" : "quantity";
        if (schema["items"] is { } item)
            return item["properties"] is null ? "list of texts" : "list";
        if (schema["additionalProperties"] is not null)
            return "texts by name";
        return $"{schema["type"]}" switch
        {
            "integer" => $"number{Bounds(schema)}",
            "boolean" => "true or false",
            "string" => schema["format"] is null ? "text" : "time",
            var other => other,
        };
    }

    private static string Bounds(JsonNode schema) => (schema["minimum"], schema["maximum"]) switch
    {
        ({ } least, { } most) => $" from {least} to {most}",
        ({ } least, null) => $" of {least} or more",
        (null, { } most) => $" up to {most}",
        _ => "",
    };
}
