using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuMem.Webhook.Tests.Support;

/// <summary>Applies a patch as the API server does, strictly: a parent must exist, a replaced member too.</summary>
internal static class JsonPatch
{
    public static void Apply(JsonObject document, byte[] patch)
    {
        foreach (var operation in JsonNode.Parse(patch)!.AsArray().Select(item => item!.AsObject()))
        {
            var path = operation["path"]!.GetValue<string>().Split('/')[1..].Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
            var parent = path[..^1].Aggregate((JsonNode)document, (node, part) => node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)]! : node[part]!);
            Assert.NotNull(parent);
            var value = operation["value"]!.DeepClone();
            switch ((string?)operation["op"])
            {
                case "add" when parent is JsonArray list && path[^1] == "-":
                    list.Add(value);
                    break;
                case "add" when parent is JsonObject map:
                    map[path[^1]] = value;
                    break;
                case "replace" when parent is JsonObject map && map.ContainsKey(path[^1]):
                    map[path[^1]] = value;
                    break;
                default:
                    Assert.Fail($"cannot be applied: {operation.ToJsonString()}");
                    break;
            }
        }
    }
}
