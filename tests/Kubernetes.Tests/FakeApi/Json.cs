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

    public static string Bookmark(string version) =>
        new JsonObject { ["kind"] = "Pod", ["metadata"] = new JsonObject { ["resourceVersion"] = version } }.ToJsonString();

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
