using System.Text.Json.Nodes;

namespace GpuMem.Api.Tests.Crds;

/// <summary>What the API server demands of a schema, and what people expect of <c>kubectl explain</c>.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void Every_field_has_a_description() => None(field =>
        field.Schema["description"] is null && !field.Path.EndsWith("[]", StringComparison.Ordinal) && !IsMetadata(field.Path));

    [Fact]
    public void Descriptions_are_sentences() => None(field => field.Schema["description"]?.GetValue<string>() is { } text && (text.Length < 5 || text[^1] is not ('.' or '?')));

    [Fact]
    public void Every_string_is_bounded() => None(field => Type(field) == "string" && !IsTypeMeta(field.Path)
        && field.Schema["maxLength"] is null && field.Schema["enum"] is null && field.Schema["format"] is null);

    [Fact]
    public void Every_list_is_bounded() => None(field => Type(field) == "array" && field.Schema["maxItems"] is null);

    [Fact]
    public void Every_map_is_bounded() => None(field => field.Schema["additionalProperties"] is not null && field.Schema["maxProperties"] is null);

    [Fact]
    public void The_schema_is_structural() => None(field =>
        Type(field) is null == (field.Schema["x-kubernetes-int-or-string"] is null) || field.Schema["$ref"] is not null || field.Schema["additionalProperties"] is JsonValue);

    [Fact]
    public void No_field_is_a_floating_point_number() => None(field => Type(field) == "number");

    [Fact]
    public void Required_fields_exist() => None(field => field.Schema["required"] is JsonArray required
        && required.Any(name => field.Schema["properties"]![name!.GetValue<string>()] is null));

    [Fact]
    public void Every_field_of_a_spec_that_has_a_default_names_it() => None(field =>
        (field.Path.StartsWith("TrainingJob.spec.", StringComparison.Ordinal) || field.Path.StartsWith("ModelServer.spec.", StringComparison.Ordinal)) && (field.Schema["enum"] is not null || Type(field) == "boolean")
        && !field.Schema["description"]!.GetValue<string>().Contains("Default", StringComparison.Ordinal));

    [Fact]
    [Trait("Fault", "C84")]
    public void Nothing_of_another_namespace_can_be_named() => None(field => field.Path.Split('.')[^1].Contains("namespace", StringComparison.OrdinalIgnoreCase));

    private static void None(Func<(string Path, JsonObject Schema), bool> fault) => Assert.Empty(GeneratedCrds.Fields.Where(fault).Select(field => field.Path));

    private static string? Type((string Path, JsonObject Schema) field) => field.Schema["type"]?.GetValue<string>();

    private static bool IsMetadata(string path) => path.EndsWith(".metadata", StringComparison.Ordinal);

    private static bool IsTypeMeta(string path) => path is "TrainingJob.apiVersion" or "TrainingJob.kind" or "ModelServer.apiVersion" or "ModelServer.kind" or "GpuPool.apiVersion" or "GpuPool.kind";
}
