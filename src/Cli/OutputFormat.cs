using GpuMem.Api.Json;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Cli;

/// <summary><c>-o</c>: text for people, json and yaml for machines, wide for people who want to know why.</summary>
internal static class OutputFormat
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="description">What the formats are.</param>
    public static Option<string> Option(string description = "text, wide, json or yaml") => Among(description, "text", "wide", "json", "yaml");

    /// <summary>Where what is shown has names, to go on with in a script.</summary>
    /// <param name="names">Whose names they are.</param>
    public static Option<string> OptionWithNames(string names) => Among($"text, wide, json, yaml or name: {names}", "text", "wide", "json", "yaml", "name");

    /// <summary>Whether it is for machines.</summary>
    public static bool IsData(string format) => format is "json" or "yaml";

    /// <summary>JSON on one line, with arrows as arrows.</summary>
    public static string OneLine(JsonNode node) => node.ToJsonString(new JsonSerializerOptions(Indented) { WriteIndented = false });

    public static void Write(JsonNode node, string format, TextWriter output) =>
        output.Write(format == "json" ? node.ToJsonString(Indented) + "\n" : YamlWriter.Write(node));

    private static Option<string> Among(string description, params string[] formats)
    {
        var option = new Option<string>("--output", "-o") { Description = description, DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }
}
