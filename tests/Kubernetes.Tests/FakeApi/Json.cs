using System.Text.Json.Nodes;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>What an API server writes.</summary>
public static class Json
{
    public static string Pod(string name, string version, string? uid = null, string? note = null) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["uid"] = uid ?? $"uid-of-{name}",
            ["resourceVersion"] = version,
            ["annotations"] = note is null ? null : new JsonObject { ["note"] = note },
        },
    }.ToJsonString();

    /// <summary>A pod that the API server has and our model cannot read.</summary>
    public static string UnreadablePod(string name, string version)
    {
        JsonObject pod = JsonNode.Parse(Pod(name, version))!.AsObject();
        pod["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject { ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["memory"] = "lots" } } }),
        };
        return pod.ToJsonString();
    }

    public static string Bookmark(string version) =>
        new JsonObject { ["kind"] = "Pod", ["metadata"] = new JsonObject { ["resourceVersion"] = version } }.ToJsonString();

    /// <summary>The bookmark that ends a streaming list.</summary>
    public static string InitialEventsEnd(string version) => new JsonObject
    {
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["resourceVersion"] = version, ["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" } },
    }.ToJsonString();

    public static string Status(int code, string reason, string message = "refused", string? cause = null) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["code"] = code,
        ["reason"] = reason,
        ["message"] = message,
        ["details"] = cause is null ? null : new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = cause }) },
    }.ToJsonString();
}
