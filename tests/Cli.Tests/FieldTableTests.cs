using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary>One spec: each field that an estimate depends on has a flag, and both have a line in docs/trainingjob.md or docs/serving.md.</summary>
public sealed class FieldTableTests
{
    /// <summary>Flags of the question, not of what is asked about.</summary>
    private static readonly string[] Questions = ["--output", "--gpu", "--stage", "--filename", "--smallest", "--help", "--namespace", "--kubeconfig", "--context"];

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

    [Fact]
    public void Every_field_of_a_ModelServer_has_one_line_with_its_description_on_one_of_two_pages()
    {
        var lines = FieldTable.Lines("serving.md").Concat(FieldTable.Lines("modelserver.md")).ToList();
        // What a model is, and how weights are stored, is told where all of it is told.
        var fields = Leaves(Spec("modelservers.yaml"), "").Where(field => !Regex.IsMatch(field.Path, "^(model|draft\\.model|quantization)\\.")).ToList();

        Assert.Equal(
            fields.Select(field => $"{field.Path}: {field.Description}").Order(StringComparer.Ordinal),
            lines.Where(line => !Regex.IsMatch(line.Field, "^(model|draft\\.model|quantization\\..*)$")).Select(line => $"{line.Field}: {line.Meaning}").Order(StringComparer.Ordinal));
    }

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
        var spec = Spec("trainingjobs.yaml")["properties"]!;
        return new[] { "model", "training", "parallelism" }.SelectMany(group => Leaves(spec[group]!, group))
            .Append(("placement.gpusPerNode", (string)spec["placement"]!["properties"]!["gpusPerNode"]!["description"]!));
    }

    private static JsonNode Spec(string crd) => KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "config", "crd", crd)))[0]
        ["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;

    private static IEnumerable<(string Path, string Description)> Leaves(JsonNode schema, string path) => schema["properties"] is JsonObject fields
        ? fields.SelectMany(field => Leaves(field.Value!, path.Length == 0 ? field.Key : $"{path}.{field.Key}"))
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
