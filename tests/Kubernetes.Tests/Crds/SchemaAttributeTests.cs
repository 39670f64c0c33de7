using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Kubernetes.Tests.Crds;

/// <summary>Each attribute of a field as the keyword it becomes.</summary>
public sealed class SchemaAttributeTests
{
    [Theory]
    [InlineData(nameof(Fields.Described), """{"type": "string", "description": "Its name."}""")]
    [InlineData(nameof(Fields.Matching), """{"type": "string", "pattern": "^a$"}""")]
    [InlineData(nameof(Fields.Long), """{"type": "string", "maxLength": 9, "minLength": 1}""")]
    [InlineData(nameof(Fields.Unbounded), """{"type": "string"}""")]
    [InlineData(nameof(Fields.Between), """{"type": "integer", "format": "int32", "minimum": 0, "maximum": 100000000}""")]
    [InlineData(nameof(Fields.Names), """{"type": "array", "items": {"type": "string", "maxLength": 63}, "maxItems": 4, "minItems": 1}""")]
    [InlineData(nameof(Fields.Labels), """{"type": "object", "additionalProperties": {"type": "string", "maxLength": 253}, "maxProperties": 4, "minProperties": 1}""")]
    [InlineData(nameof(Fields.Unique), """{"type": "array", "items": {"type": "string", "maxLength": 253}, "maxItems": 4, "x-kubernetes-list-type": "set"}""")]
    [InlineData(nameof(Fields.Whole), """{"type": "array", "items": {"type": "string", "maxLength": 253}, "maxItems": 4}""")]
    [InlineData(nameof(Fields.Keyed), """
        {"type": "array", "items": {"type": "object", "description": "A port.", "properties": {"name": {"type": "string"}, "protocol": {"type": "string"}}, "required": ["name"]},
         "maxItems": 4, "x-kubernetes-list-map-keys": ["name", "protocol"], "x-kubernetes-list-type": "map"}
        """)]
    [InlineData(nameof(Fields.Opaque), """{"type": "object", "x-kubernetes-preserve-unknown-fields": true}""")]
    [InlineData(nameof(Fields.Ruled), """
        {"type": "string", "x-kubernetes-validations": [{"message": "not empty", "rule": "self != ''"}, {"message": "not b", "rule": "self != 'b'"}]}
        """)]
    public void Becomes(string property, string expected)
    {
        var actual = Schema<Fields>(property);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual.ToJsonString())), actual.ToJsonString());
    }

    [Fact]
    public void An_object_lists_its_required_fields_and_its_rules()
    {
        var schema = Schemas.Object(typeof(Ruled));

        Assert.Equal(["name"], schema["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["name", "other"], schema["properties"]!.AsObject().Select(property => property.Key));
        Assert.Equal("has(self.name)", (string?)schema["x-kubernetes-validations"]![0]!["rule"]);
    }

    [Fact]
    public void What_one_writer_writes_whole_is_one_value_for_server_side_apply()
    {
        Assert.Equal("atomic", (string?)Schemas.Object(typeof(Whole))["x-kubernetes-map-type"]);
        Assert.Null(Schemas.Object(typeof(Ruled))["x-kubernetes-map-type"]);
    }

    [Theory]
    [InlineData(nameof(Boundless.List))]
    [InlineData(nameof(Boundless.Map))]
    [InlineData(nameof(Boundless.Least))]
    public void A_list_or_map_without_a_bound_is_refused_by_name(string property) => Assert.Contains($"Boundless.{property} has no [Items(maxItems",
        Assert.Throws<InvalidOperationException>(() => Schema<Boundless>(property)).Message);

    private static readonly SchemaWriter Schemas = new(new DefaultJsonTypeInfoResolver());

    private static JsonObject Schema<T>(string property) =>
        Schemas.Property(Schemas.Properties(typeof(T)).Single(candidate => SchemaWriter.Member(candidate).Name == property));

    private sealed class Fields
    {
        [Description("Its name.")]
        public string? Described { get; set; }

        [Pattern("^a$")]
        public string? Matching { get; set; }

        [Length(1, 9)]
        public string? Long { get; set; }

        [Length(0)]
        public string? Unbounded { get; set; }

        [RangeMinimum(0), RangeMaximum(100_000_000)]
        public int? Between { get; set; }

        [Items(1, 4, MaxLength = 63)]
        public IList<string>? Names { get; set; }

        [Items(1, 4)]
        public IDictionary<string, string>? Labels { get; set; }

        [Items(maxItems: 4), XListType(XListType.Set)]
        public IList<string>? Unique { get; set; }

        [Items(maxItems: 4), XListType(XListType.Atomic)]
        public IList<string>? Whole { get; set; }

        [Items(maxItems: 4), XListType(XListType.Map), XListMapKeys("name", "protocol")]
        public IList<Port>? Keyed { get; set; }

        [PreserveUnknownFields]
        public JsonObject? Opaque { get; set; }

        [ValidationRule("self != ''", message: "not empty")]
        [ValidationRule("self != 'b'", message: "not b")]
        public string? Ruled { get; set; }
    }

    [Description("A port.")]
    private sealed class Port
    {
        [Required]
        public string? Name { get; set; }

        public string? Protocol { get; set; }
    }

    [ValidationRule("has(self.name)", message: "name it")]
    private sealed class Ruled
    {
        [Required]
        public string? Name { get; set; }

        public int? Other { get; set; }
    }

    [XMapTypeAtomic]
    private sealed class Whole
    {
        public string? Name { get; set; }
    }

    private sealed class Boundless
    {
        public IList<string>? List { get; set; }

        public IDictionary<string, string>? Map { get; set; }

        [Items(1)]
        public IList<string>? Least { get; set; }
    }
}
