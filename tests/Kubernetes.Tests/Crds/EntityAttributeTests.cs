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
    public void Columns_are_written_in_their_order()
    {
        var columns = Version(typeof(Widget))["additionalPrinterColumns"]!.AsArray().Select(column => column!.ToJsonString());

        Assert.Equal(
            [
                """{"description":"How old.","jsonPath":".metadata.creationTimestamp","name":"Age","priority":1,"type":"date"}""",
                """{"jsonPath":".status.phase","name":"Phase","type":"string"}""",
            ],
            columns);
    }

    [Fact]
    public void A_status_is_a_subresource() => Assert.Equal("""{"status":{}}""", Version(typeof(Widget))["subresources"]!.ToJsonString());

    [Fact]
    public void A_type_that_is_no_entity_is_refused() =>
        Assert.Contains("WidgetSpec has no [KubernetesEntity]", Assert.Throws<InvalidOperationException>(() => CrdWriter.Write(Json, typeof(WidgetSpec))).Message);

    private static readonly DefaultJsonTypeInfoResolver Json = new();

    private static JsonNode Version(Type entity) => CrdWriter.Write(Json, entity)["spec"]!["versions"]![0]!;

    private static IEnumerable<string> Keys(JsonNode? map) => map!.AsObject().Select(field => field.Key);

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Plain", PluralName = "plains")]
    private sealed class Plain : IKubernetesObject<V1ObjectMeta>
    {
        public string? ApiVersion { get; set; }

        public string? Kind { get; set; }

        public V1ObjectMeta Metadata { get; set; } = new();
    }

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
    [EntityScope(EntityScope.Cluster)]
    [KubernetesEntityShortNames("wd", "wdg")]
    [KubernetesEntityCategories("all")]
    [GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Priority = PrinterColumnPriority.WideView, Description = "How old.")]
    [GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
    private sealed class Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>;

    private sealed class WidgetSpec;

    private sealed class WidgetStatus;
}
