using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Tests.Crds;

/// <summary>
/// The API server drops keywords that say what it assumes anyway, and GitOps tools then see a difference for ever
/// (dotnet/dotnet-operator-sdk#818).
/// </summary>
public sealed class DefaultKeywordTests
{
    [Fact]
    public void C3_No_keyword_of_a_schema_has_the_value_it_has_by_default() =>
        Assert.Empty(GeneratedCrds.Fields.SelectMany(field => field.Schema.Where(IsDefault).Select(keyword => $"{field.Path}: {keyword.Key}")));

    [Fact]
    public void C3_No_field_has_a_default_because_one_written_into_stored_objects_can_never_change() =>
        Assert.Empty(GeneratedCrds.Fields.Where(field => field.Schema.ContainsKey("default")).Select(field => field.Path));

    [Fact]
    public void C3_No_list_of_names_and_no_column_says_what_holds_by_default() => Assert.All(GeneratedCrds.All, crd =>
    {
        Assert.DoesNotContain(crd["spec"]!["names"]!.AsObject(), IsDefault);
        Assert.All(crd["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.AsArray(), column => Assert.DoesNotContain(column!.AsObject(), IsDefault));
    });

    [Theory]
    [InlineData("""{"nullable": false}""", true)]
    [InlineData("""{"exclusiveMinimum": false}""", true)]
    [InlineData("""{"required": []}""", true)]
    [InlineData("""{"properties": {}}""", true)]
    [InlineData("""{"description": ""}""", true)]
    [InlineData("""{"minLength": 0}""", true)]
    [InlineData("""{"x-kubernetes-list-type": "atomic"}""", true)]
    [InlineData("""{"x-kubernetes-map-type": "granular"}""", true)]
    [InlineData("""{"priority": 0}""", true)]
    [InlineData("""{"minimum": 0}""", false)]
    [InlineData("""{"required": ["a"]}""", false)]
    [InlineData("""{"x-kubernetes-map-type": "atomic"}""", false)]
    public void C3_Defaults_are_known(string keyword, bool isDefault) => Assert.Equal(isDefault, JsonNode.Parse(keyword)!.AsObject().All(IsDefault));

    // A minimum of 0 is none of these: without it negative numbers are allowed.
    private static bool IsDefault(KeyValuePair<string, JsonNode?> keyword) => keyword switch
    {
        { Value: null } => true,
        { Value: JsonArray list } => list.Count == 0,
        { Value: JsonObject map } => map.Count == 0,
        { Key: "minLength" or "minItems" or "minProperties" or "priority", Value: var number } => number.ToJsonString() == "0",
        { Key: "x-kubernetes-list-type", Value: var type } => (string?)type == "atomic",
        { Key: "x-kubernetes-map-type", Value: var type } => (string?)type == "granular",
        { Value: var value } => value.GetValueKind() == JsonValueKind.False || (value.GetValueKind() == JsonValueKind.String && (string?)value == ""),
    };
}
