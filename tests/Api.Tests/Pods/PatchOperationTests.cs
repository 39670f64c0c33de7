using System.Text.Json.Nodes;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Tests.Pods;

public sealed class PatchOperationTests
{
    [Fact]
    public void Keys_with_slash_and_tilde_are_escaped()
    {
        var patch = PatchOperation.ToJson([new PatchOperation("add", ["spec", "nodeSelector", "a~b/c"], JsonValue.Create("x"))]);

        Assert.Equal("""[{"op":"add","path":"/spec/nodeSelector/a~0b~1c","value":"x"}]""", patch.ToJsonString());
    }

    [Fact]
    public void Adding_replaces_appends_and_reaches_into_lists()
    {
        var document = JsonNode.Parse("""{"a":{"b":1},"list":[{"x":1}]}""")!.AsObject();
        PatchOperation.Apply(document,
        [
            new PatchOperation("replace", ["a", "b"], JsonValue.Create(2)),
            new PatchOperation("add", ["list", "0", "y"], JsonValue.Create(3)),
            new PatchOperation("add", ["list", "-"], new JsonObject()),
        ]);

        Assert.Equal("""{"a":{"b":2},"list":[{"x":1,"y":3},{}]}""", document.ToJsonString());
    }

    [Fact]
    public void A_patch_can_be_applied_twice_without_sharing_nodes()
    {
        PatchOperation[] patch = [new("add", ["a"], new JsonObject { ["b"] = 1 })];
        var (one, two) = (new JsonObject(), new JsonObject());
        PatchOperation.Apply(one, patch);
        PatchOperation.Apply(two, patch);
        one["a"]!["b"] = 2;

        Assert.Equal("""{"a":{"b":1}}""", two.ToJsonString());
    }
}
