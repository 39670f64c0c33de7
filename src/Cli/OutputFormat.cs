using GpuMem.Api.Json;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Cli;

/// <summary><c>-o</c>: text for people, json and yaml for machines, wide for people who want to know why.</summary>
internal static class OutputFormat
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<string> Option()
    {
        var option = new Option<string>("--output", "-o") { Description = "text, wide, json or yaml", DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong("text", "wide", "json", "yaml");
        return option;
    }

    /// <summary>JSON on one line, with arrows as arrows.</summary>
    public static string OneLine(JsonNode node) => node.ToJsonString(new JsonSerializerOptions(Indented) { WriteIndented = false });

    public static void Write(JsonNode node, string format, TextWriter output) =>
        output.Write(format == "json" ? node.ToJsonString(Indented) + "\n" : YamlWriter.Write(node));
}
