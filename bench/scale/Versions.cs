using System.Text.Json;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Scale;

/// <summary>The resourceVersion of every object that the operator writes: what differs afterwards was written.</summary>
internal static class Versions
{
    private static readonly string[] Lists =
    [
        JobWatch.Jobs, "/apis/gpumem.io/v1alpha1/gpupools", "/apis/batch/v1/namespaces/default/jobs", "/api/v1/namespaces/default/services", "/api/v1/namespaces/default/events",
    ];

    public static async Task<Dictionary<string, string>> ReadAsync(RawApi api)
    {
        var versions = new Dictionary<string, string>();
        foreach (var list in Lists)
        {
            using var json = JsonDocument.Parse(await api.ListMetadataAsync(list));
            foreach (var metadata in json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata")))
                versions[$"{list}/{metadata.GetProperty("name")}"] = metadata.GetProperty("resourceVersion").ToString();
        }
        return versions;
    }

    /// <summary>Of the list itself, from where a watch sees all that follows.</summary>
    public static async Task<string> NowAsync(RawApi api)
    {
        using var json = JsonDocument.Parse(await api.ListMetadataAsync($"{JobWatch.Jobs}?limit=1"));
        return json.RootElement.GetProperty("metadata").GetProperty("resourceVersion").ToString();
    }
}
