using System.Text.Json.Nodes;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary>One spec: each field that an estimate depends on has a flag, and both have a line in docs/trainingjob.md or docs/serving.md.</summary>
public sealed class FieldTableTests
{
    /// <summary>Flags of the question, not of what is asked about.</summary>
    private static readonly string[] Questions = ["--output", "--gpu", "--stage", "--filename", "--help"];

    [Fact]
    public void Every_field_of_model_training_and_parallelism_has_one_line_with_its_description() =>
        Assert.Equal(
            Fields().Select(field => $"{field.Path}: {field.Description}").Order(StringComparer.Ordinal),
            FieldTable.Lines("trainingjob.md").Select(line => $"{line.Field}: {line.Meaning}").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_field_of_serving_has_one_line() =>
        Assert.Equal(
            Members(typeof(Api.Serving.InferenceSettings), "").Order(StringComparer.Ordinal),
            FieldTable.Lines("serving.md").Select(line => line.Field).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("estimate", "trainingjob.md")]
    [InlineData("explain", "trainingjob.md")]
    [InlineData("inference", "serving.md")]
    public async Task Every_flag_is_in_the_table_and_every_flag_in_the_table_exists(string command, string page) =>
        Assert.Equal(
            FieldTable.Flags((await Run.Of(command, "--help")).Output).Except(Questions).Order(StringComparer.Ordinal),
            FieldTable.Lines(page).SelectMany(line => FieldTable.Flags(line.Flag)).Distinct().Order(StringComparer.Ordinal));

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

    /// <summary>A model is the same in both tables: here it is one line.</summary>
    private static IEnumerable<string> Members(Type type, string prefix) => type.GetProperties().SelectMany(property =>
    {
        var name = prefix + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        return property.PropertyType.Namespace == "GpuMem.Api.Serving" || property.PropertyType == typeof(Api.TrainingJobs.QuantizationSettings)
            ? Members(property.PropertyType, name + ".")
            : [name];
    });
}
