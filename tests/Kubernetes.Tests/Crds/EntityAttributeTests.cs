using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Kubernetes.Tests.Crds;

/// <summary>Each attribute of an entity as what it says in the CRD.</summary>
public sealed class EntityAttributeTests
{
    [Fact]
    public void An_entity_without_attributes_is_namespaced_and_has_nothing_to_spare()
    {
        var spec = CrdWriter.Write(Json, typeof(Plain))["spec"]!.AsObject();

        Assert.Equal("Namespaced", (string?)spec["scope"]);
        Assert.Equal(["kind", "listKind", "plural", "singular"], Keys(spec["names"]));
        Assert.Equal(["name", "schema", "served", "storage"], Keys(spec["versions"]![0]));
    }

    [Fact]
    public void Scope_short_names_and_categories_are_written()
    {
        var spec = CrdWriter.Write(Json, typeof(Widget))["spec"]!;

        Assert.Equal("Cluster", (string?)spec["scope"]);
        Assert.Equal("""["wd","wdg"]""", spec["names"]!["shortNames"]!.ToJsonString());
        Assert.Equal("""["all"]""", spec["names"]!["categories"]!.ToJsonString());
    }

    [Fact]
    public void Columns_of_properties_know_their_path_and_type_and_stand_before_the_named_ones()
    {
        var columns = Version(typeof(Widget))["additionalPrinterColumns"]!.AsArray().Select(column => column!.ToJsonString());

        Assert.Equal(
            [
                """{"description":"How many.","jsonPath":".spec.replicas","name":"Replicas","type":"integer"}""",
                """{"jsonPath":".status.seen","name":"seen","priority":1,"type":"date"}""",
                """{"description":"How old.","jsonPath":".metadata.creationTimestamp","name":"Age","priority":1,"type":"date"}""",
                """{"jsonPath":".status.phase","name":"Phase","type":"string"}""",
            ],
            columns);
    }

    [Fact]
    public void A_status_and_a_scale_are_subresources() => Assert.True(JsonNode.DeepEquals(Version(typeof(Widget))["subresources"], JsonNode.Parse("""
        {"scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}, "status": {}}
        """)));

    [Fact]
    public void Of_several_versions_the_marked_one_is_stored()
    {
        var versions = CrdWriter.Write(Json, typeof(Plain), typeof(PlainV2))["spec"]!["versions"]!.AsArray();

        Assert.Equal([("v1", false), ("v2", true)], versions.Select(version => ((string)version!["name"]!, (bool)version["storage"]!)));
    }

    [Fact]
    public void Several_versions_of_which_none_is_marked_are_refused() =>
        Assert.Contains("0 of 2 versions have [StorageVersion]", Assert.Throws<ArgumentException>(() => CrdWriter.Write(Json, typeof(Plain), typeof(Plain))).Message);

    [Fact]
    public void A_type_that_is_no_entity_is_refused() =>
        Assert.Contains("WidgetSpec has no [KubernetesEntity]", Assert.Throws<ArgumentException>(() => CrdWriter.Write(Json, typeof(WidgetSpec))).Message);

    private static readonly DefaultJsonTypeInfoResolver Json = new();

    private static JsonNode Version(Type entity) => CrdWriter.Write(Json, entity)["spec"]!["versions"]![0]!;

    private static IEnumerable<string> Keys(JsonNode? map) => map!.AsObject().Select(field => field.Key);

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Plain", PluralName = "plains")]
    private sealed class Plain : CustomKubernetesEntity;

    [StorageVersion]
    [KubernetesEntity(Group = "example.com", ApiVersion = "v2", Kind = "Plain", PluralName = "plains")]
    private sealed class PlainV2 : CustomKubernetesEntity;

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
    [EntityScope(EntityScope.Cluster)]
    [KubernetesEntityShortNames("wd", "wdg")]
    [KubernetesEntityCategories("all")]
    [ScaleSubresource(".spec.replicas", ".status.replicas", ".status.selector")]
    [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Priority = PrinterColumnPriority.WideView, Description = "How old.")]
    [GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
    private sealed class Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>;

    private sealed class WidgetSpec
    {
        [AdditionalPrinterColumn(name: "Replicas"), Description("How many.")]
        public int? Replicas { get; set; }
    }

    private sealed class WidgetStatus
    {
        public string? Phase { get; set; }

        public int? Replicas { get; set; }

        [AdditionalPrinterColumn(PrinterColumnPriority.WideView)]
        public DateTimeOffset? Seen { get; set; }

        public string? Selector { get; set; }
    }
}
