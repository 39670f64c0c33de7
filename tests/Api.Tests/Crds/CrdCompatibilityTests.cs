using System.Text.Json.Nodes;

namespace GpuMem.Api.Tests.Crds;

/// <summary>What people have written against the last release stays valid. A release copies config/crd to Released.</summary>
public sealed class CrdCompatibilityTests
{
    [Theory]
    [InlineData("trainingjobs.yaml", "TrainingJob")]
    [InlineData("gpupools.yaml", "GpuPool")]
    public void C4_Nothing_that_the_last_release_accepted_is_refused_or_forgotten(string file, string kind)
    {
        var released = Assert.Single(GeneratedCrds.Read($"tests/Api.Tests/Released/{file}"));

        Assert.Empty(CrdCompatibility.Narrowings(released, GeneratedCrds.OfKind(kind)));
    }

    [Theory]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "string"}}}""", """{"type": "object", "properties": {"b": {"type": "string"}}}""", ".f.a was removed")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "string"}}}""", """{"type": "object", "properties": {"a": {"type": "integer"}}}""", ".f.a: type was string and is integer")]
    [InlineData("""{"type": "object"}""", """{"type": "object", "required": ["a"]}""", ".f: a became required")]
    [InlineData("""{"type": "string"}""", """{"type": "string", "format": "date-time"}""", ".f: format was absent and is date-time")]
    [InlineData("""{"type": "string"}""", """{"type": "string", "enum": ["A"]}""", ".f: enum is new")]
    [InlineData("""{"type": "string", "enum": ["A", "B"]}""", """{"type": "string", "enum": ["A"]}""", ".f: B is no longer a value")]
    [InlineData("""{"type": "string"}""", """{"type": "string", "pattern": "a"}""", ".f: pattern was absent and is a")]
    [InlineData("""{"type": "string", "pattern": "a"}""", """{"type": "string", "pattern": "b"}""", ".f: pattern was a and is b")]
    [InlineData("""{"type": "string", "maxLength": 9}""", """{"type": "string", "maxLength": 8}""", ".f: maxLength was 9 and is 8")]
    [InlineData("""{"type": "string"}""", """{"type": "string", "minLength": 1}""", ".f: minLength was absent and is 1")]
    [InlineData("""{"type": "integer", "minimum": 0}""", """{"type": "integer", "minimum": 1}""", ".f: minimum was 0 and is 1")]
    [InlineData("""{"type": "integer"}""", """{"type": "integer", "maximum": 1}""", ".f: maximum was absent and is 1")]
    [InlineData("""{"type": "integer", "maximum": 1}""", """{"type": "integer", "maximum": 1, "exclusiveMaximum": true}""", ".f: exclusiveMaximum was absent and is true")]
    [InlineData("""{"type": "integer"}""", """{"type": "integer", "multipleOf": 2}""", ".f: multipleOf was absent and is 2")]
    [InlineData("""{"type": "array", "maxItems": 2}""", """{"type": "array", "maxItems": 1}""", ".f: maxItems was 2 and is 1")]
    [InlineData("""{"type": "array", "items": {"type": "string"}}""", """{"type": "array", "items": {"type": "integer"}}""", ".f[]: type was string and is integer")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "string"}}""", """{"type": "object"}""", ".f: additionalProperties was removed")]
    [InlineData("""{"type": "object", "maxProperties": 2}""", """{"type": "object", "maxProperties": 1}""", ".f: maxProperties was 2 and is 1")]
    [InlineData("""{"type": "object", "x-kubernetes-preserve-unknown-fields": true}""", """{"type": "object"}""", ".f: unknown fields are no longer preserved")]
    [InlineData("""{"x-kubernetes-int-or-string": true}""", """{"type": "integer"}""", ".f: type was absent and is integer")]
    [InlineData("""{"type": "array", "x-kubernetes-list-type": "map"}""", """{"type": "array"}""", ".f: x-kubernetes-list-type was map and is absent")]
    [InlineData("""{"type": "object"}""", """{"type": "object", "x-kubernetes-map-type": "atomic"}""", ".f: x-kubernetes-map-type was absent and is atomic")]
    [InlineData("""{"type": "string"}""", """{"type": "string", "x-kubernetes-validations": [{"rule": "self != ''"}]}""", ".f: the rule self != '' is new")]
    [InlineData("""{"type": "object", "properties": {"a": {}}}""", """{"type": "object", "properties": {"a": {}}, "x-kubernetes-validations": [{"rule": "!has(self.a) || self.a == 1"}]}""", ".f: the rule !has(self.a) || self.a == 1 is new")]
    [InlineData("""{"type": "object", "properties": {}}""", """{"type": "object", "properties": {"b": {}}, "x-kubernetes-validations": [{"rule": "!has(self.b) || self.b == 1 ? false : true"}]}""", ".f: the rule !has(self.b) || self.b == 1 ? false : true is new")]
    [InlineData("""{"type": "integer", "minimum": 1, "maximum": 9}""", """{"x-kubernetes-int-or-string": true, "x-kubernetes-validations": [{"rule": "type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 8"}]}""", ".f: type was integer and is absent")]
    public void C4_A_narrower_field_is_found(string released, string current, string narrowing) => Assert.Contains(narrowing, Narrowings(released, current));

    [Theory]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "string"}}}""", """{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}""")]
    [InlineData("""{"type": "object", "required": ["a"]}""", """{"type": "object"}""")]
    [InlineData("""{"type": "object"}""", """{"type": "object", "x-kubernetes-preserve-unknown-fields": true}""")]
    [InlineData("""{"type": "string", "enum": ["A"]}""", """{"type": "string", "enum": ["B", "A"]}""")]
    [InlineData("""{"type": "string", "enum": ["A"]}""", """{"type": "string"}""")]
    [InlineData("""{"type": "string", "pattern": "a", "maxLength": 2, "minLength": 1}""", """{"type": "string", "maxLength": 3}""")]
    [InlineData("""{"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 2}""", """{"type": "integer", "minimum": 0}""")]
    [InlineData("""{"type": "string", "description": "Old.", "x-kubernetes-validations": [{"rule": "a", "message": "old"}]}""", """{"type": "string", "x-kubernetes-validations": [{"rule": "a", "message": "new"}]}""")]
    [InlineData("""{"type": "object", "properties": {"a": {}}}""", """{"type": "object", "properties": {"a": {}, "b": {}}, "x-kubernetes-validations": [{"rule": "!has(self.b) || self.a == 1"}]}""")]
    [InlineData("""{"type": "integer", "minimum": 1, "maximum": 9}""", """{"x-kubernetes-int-or-string": true, "x-kubernetes-validations": [{"rule": "type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 9"}]}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}}""", """{"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [{"rule": "!has(self.a) || type(self.a) != string || has(self.b)"}]}""")]
    [InlineData("""{"type": "object", "x-kubernetes-validations": [{"rule": "self.a == 1"}]}""", """{"type": "object", "x-kubernetes-validations": [{"rule": "self.a == 1 || self.a == 2"}]}""")]
    public void C4_A_wider_field_is_fine(string released, string current) => Assert.Empty(Narrowings(released, current));

    [Fact]
    public void C4_A_version_that_is_gone_is_found()
    {
        var current = Crd("""{"type": "string"}""");
        current["spec"]!["versions"]![0]!["name"] = "v2";

        Assert.Equal(["version v1 was removed"], CrdCompatibility.Narrowings(Crd("""{"type": "string"}"""), current));
    }

    [Fact]
    public void C4_Another_scope_is_found()
    {
        var current = Crd("""{"type": "string"}""");
        current["spec"]!["scope"] = "Cluster";

        Assert.Equal(["spec.scope was Namespaced and is Cluster"], CrdCompatibility.Narrowings(Crd("""{"type": "string"}"""), current));
    }

    private static IReadOnlyList<string> Narrowings(string released, string current) => CrdCompatibility.Narrowings(Crd(released), Crd(current));

    /// <summary>A CRD of which only field f is of interest.</summary>
    private static JsonObject Crd(string field) => JsonNode.Parse("""
        {"metadata": {"name": "things.example.com"}, "spec": {"group": "example.com", "names": {"kind": "Thing", "plural": "things"}, "scope": "Namespaced",
         "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", "properties": {"f": FIELD}}}}]}}
        """.Replace("FIELD", field, StringComparison.Ordinal))!.AsObject();
}
