using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Crds;

/// <summary>The manifests that people start from.</summary>
public sealed class SampleTests
{
    private const string Sample = """
        {"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "a", "labels": {"team": "nlp"}}, "spec": {
          "model": {"parameters": "7B"}, "training": {"sequenceLength": 8192, "recompute": "Full", "lora": {"targetModules": ["q_proj"]}},
          "parallelism": {"data": "Auto"}, "suspend": false, "template": {"anything": [1]}}}
        """;

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "config/samples"), "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void C4_Sample_manifests_are_valid(string file) => Assert.All(GeneratedCrds.Read(file).Where(IsOurs), sample => Assert.Empty(Faults(sample)));

    [Fact]
    public void C4_There_are_samples_of_jobs() =>
        Assert.True(Files().SelectMany(file => GeneratedCrds.Read(file.Data)).Count(IsOurs) >= 3);

    [Fact]
    public void C4_A_whole_job_is_valid() => Assert.Empty(Faults(JsonNode.Parse(Sample)!.AsObject()));

    [Theory]
    [InlineData("8192", "\"8192\"", ".spec.training.sequenceLength: is String, not integer")]
    [InlineData("8192", "8192.5", ".spec.training.sequenceLength: is Number, not integer")]
    [InlineData("8192", "0", ".spec.training.sequenceLength: 0 is less than 1")]
    [InlineData("8192", "1000000000000", ".spec.training.sequenceLength: 1000000000000 is more than")]
    [InlineData("\"sequenceLength\": 8192, ", "", ".spec.training: sequenceLength is required")]
    [InlineData("\"recompute\"", "\"recomputed\"", ".spec.training.recomputed: unknown field")]
    [InlineData("\"Full\"", "\"full\"", ".spec.training.recompute: full is none of")]
    [InlineData("\"7B\"", "\"7\"", ".spec.model.parameters: 7 does not match")]
    [InlineData("\"7B\"", "\"00000000000000007B\"", ".spec.model.parameters: 18 is more than maxLength")]
    [InlineData("[\"q_proj\"]", "\"q_proj\"", ".spec.training.lora.targetModules: is String, not array")]
    [InlineData("[\"q_proj\"]", "[1]", ".spec.training.lora.targetModules[0]: is Number, not string")]
    [InlineData("\"Auto\"", "true", ".spec.parallelism.data: is True, not integer or string")]
    [InlineData("false", "\"false\"", ".spec.suspend: is String, not boolean")]
    public void C4_What_the_schema_forbids_is_found(string part, string replacement, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Faults(JsonNode.Parse(Sample.Replace(part, replacement, StringComparison.Ordinal))!.AsObject())));

    private static bool IsOurs(JsonObject manifest) => ((string)manifest["apiVersion"]!).StartsWith(ApiGroup.Name + "/", StringComparison.Ordinal);

    private static IReadOnlyList<string> Faults(JsonObject manifest) =>
        SchemaValidator.Faults(manifest, GeneratedCrds.Schema(GeneratedCrds.OfKind((string)manifest["kind"]!)));
}
