using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary>One spec: each field that an estimate depends on has a flag, and each has a line in docs/trainingjob.md.</summary>
public sealed partial class FieldTableTests
{
    /// <summary>Flags of the question, not of the job.</summary>
    private static readonly string[] Questions = ["--output", "--gpu", "--stage", "--filename", "--help"];

    [Fact]
    public void Every_field_of_model_training_and_parallelism_has_one_line_with_its_description() =>
        Assert.Equal(
            Fields().Select(field => $"{field.Path}: {field.Description}").Order(StringComparer.Ordinal),
            Lines().Select(line => $"{line.Field}: {line.Meaning}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_flag_is_in_the_table_and_every_flag_in_the_table_exists()
    {
        var flags = Flags().Matches((await Run.Of("estimate", "--help")).Output).Select(match => match.Groups[1].Value).Except(Questions).Order(StringComparer.Ordinal);

        Assert.Equal(flags, Lines().SelectMany(line => Flags().Matches(" " + line.Flag).Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_explains_takes_the_same_flags_as_what_estimates()
    {
        var estimate = Flags().Matches((await Run.Of("estimate", "--help")).Output).Select(match => match.Groups[1].Value).Except(Questions);
        var explain = Flags().Matches((await Run.Of("explain", "--help")).Output).Select(match => match.Groups[1].Value).Except(Questions);

        Assert.Equal(estimate, explain);
    }

    private static IEnumerable<(string Path, string Description)> Fields()
    {
        var crd = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "config", "crd", "trainingjobs.yaml")))[0];
        var spec = crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!;
        return new[] { "model", "training", "parallelism" }.SelectMany(group => Leaves(spec[group]!, group))
            .Append(("placement.gpusPerNode", (string)spec["placement"]!["properties"]!["gpusPerNode"]!["description"]!));
    }

    private static IEnumerable<(string Path, string Description)> Leaves(JsonNode schema, string path) => schema["properties"] is JsonObject fields
        ? fields.SelectMany(field => Leaves(field.Value!, $"{path}.{field.Key}"))
        : [(path, (string)schema["description"]!)];

    private static IEnumerable<(string Field, string Flag, string Meaning)> Lines() =>
        from line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "trainingjob.md"))
        let cells = line.Split(" | ")
        where cells.Length == 3 && line.StartsWith("| `", StringComparison.Ordinal)
        select (cells[0].Trim('|', ' ', '`'), cells[1], cells[2].TrimEnd(' ', '|'));

    [GeneratedRegex(@"(?<=[\s`])(--[a-z][a-z-]*)")]
    private static partial Regex Flags();
}
