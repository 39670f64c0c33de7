using System.Text.Json.Nodes;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>Makes a hostile review of an honest one, the same from the same seed.</summary>
internal sealed class ReviewMutator(int seed)
{
    private static readonly string[] Operations = ["CREATE", "CREATE", "CREATE", "UPDATE", "DELETE", "CONNECT"];

    /// <summary>What means something to somebody, and what means nothing to anybody.</summary>
    private static readonly string[] Words =
    [
        "nvidia.com/gpu", "nvidia.com/mig-1g.10gb", "amd.com/gpu", "nvidia.com/gpumem", "gpumem.io/training-job", "gpumem.io/model-server", "gpumem.io/spec", "sft", "llama", "train",
        "vllm", "0.5", "-1", "1e30", "9223372036854775807", "500m", "8Gi", "Always", "IfUnset", "Enforce", "Auto", "Gt", "In", "DoesNotExist", "a/b~c", "", " ", "$(A)", "`id`",
        "--tensor-parallel-size", "--config", "torchrun", "meta-llama/Llama-3.1-70B", "\u202e", "\0", "ü", "😀", "null",
    ];

    private static readonly string[] Names =
    [
        "metadata", "labels", "annotations", "ownerReferences", "controller", "spec", "containers", "initContainers", "resources", "limits", "requests", "nodeSelector", "tolerations",
        "volumes", "emptyDir", "resourceClaims", "template", "affinity", "overhead", "schedulingGates", "nodeName", "command", "args", "env", "nvidia.com/gpu", "a/b~c", "", "model", "training", "policy",
    ];

    private readonly Random _random = new(seed);

    public (string Path, byte[] Body) Next()
    {
        var (path, _, entity) = Pick(HonestReviews.Objects);
        var root = JsonNode.Parse(entity)!;
        for (var changes = _random.Next(1, 9); changes > 0; changes--)
            Change(root);
        var review = HonestReviews.Of(root.ToJsonString(), Pick(Operations), _random.Next(4) == 0 ? entity : null);
        var body = HonestReviews.Bytes(review);
        return (path, _random.Next(10) == 0 ? Noisy(body) : body);
    }

    private void Change(JsonNode root)
    {
        var parents = Places.Of(root).Select(way => Places.At(root, way)).Where(node => node is JsonObject or JsonArray).ToList();
        switch (Pick(parents))
        {
            case JsonObject members when members.Count > 0 && _random.Next(3) == 0:
                members.Remove(Pick([.. members]).Key);
                break;
            case JsonObject members:
                members[members.Count > 0 && _random.Next(2) == 0 ? Pick([.. members]).Key : Pick(Names)] = Value(parents);
                break;
            case JsonArray items when items.Count > 0 && _random.Next(3) == 0:
                items.RemoveAt(_random.Next(items.Count));
                break;
            case JsonArray items:
                for (var times = _random.Next(20) == 0 ? 200 : 1; times > 0; times--)
                    items.Insert(_random.Next(items.Count + 1), Value(parents));
                break;
        }
    }

    /// <summary>Half of the time a part of the document itself, where it does not belong.</summary>
    private JsonNode? Value(List<JsonNode?> parts) => _random.Next(10) switch
    {
        0 => null,
        1 => JsonValue.Create(_random.Next(2) == 0),
        2 => JsonValue.Create(_random.Next(-2, 10)),
        3 => JsonValue.Create(_random.NextInt64()),
        4 => JsonValue.Create(Math.Round(_random.NextDouble() * 8, 2)),
        5 or 6 => JsonValue.Create(Pick(Words)),
        7 => new JsonArray(),
        // Not the whole of it again and again: a document that doubles with each change says nothing new.
        _ => Pick(parts) is { } part && part.ToJsonString() is { Length: < 2_000 } text ? JsonNode.Parse(text) : new JsonObject(),
    };

    private byte[] Noisy(byte[] body)
    {
        var at = _random.Next(body.Length);
        switch (_random.Next(4))
        {
            case 0:
                return body[..at];
            case 1:
                body[at] = (byte)_random.Next(256);
                return body;
            case 2:
                return [.. body[..at], .. body[_random.Next(body.Length)..]];
            default:
                return [.. body[..at], (byte)_random.Next(256), .. body[at..]];
        }
    }

    private T Pick<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];
}
