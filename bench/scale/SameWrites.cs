using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Scale;

/// <summary>
/// What was written for one job, written again for others without reading or thinking: the share of that rate is the operator's own. Small
/// objects would say nothing, for the API server takes five of them in the time of one server-side apply.
/// </summary>
internal sealed class SameWrites
{
    private const string FirstJob = $"{Bodies.JobPrefix}0";

    private const int AtOnce = 12;

    private static readonly string[] SetByTheServer = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"];

    private readonly List<Func<RawApi, int, Task>> _writes = [];

    /// <summary>Of one job, its creation included.</summary>
    public int Count => _writes.Count;

    public static async Task<SameWrites> OfFirstJobAsync(RawApi api)
    {
        var same = new SameWrites();
        var job = await ReadAsync(api, $"{JobWatch.Jobs}/{FirstJob}");
        var status = new JsonObject
        {
            ["apiVersion"] = job["apiVersion"]!.DeepClone(), ["kind"] = job["kind"]!.DeepClone(), ["metadata"] = new JsonObject { ["name"] = FirstJob }, ["status"] = job["status"]!.DeepClone(),
        };
        same.Create(JobWatch.Jobs, job);
        same.Apply("/api/v1/namespaces/default/services", await ReadAsync(api, $"/api/v1/namespaces/default/services/{FirstJob}"));
        same.Apply("/apis/batch/v1/namespaces/default/jobs", WithoutSelector(await ReadAsync(api, $"/apis/batch/v1/namespaces/default/jobs/{FirstJob}")));
        same.Apply(JobWatch.Jobs, status, "/status");
        const string events = "/api/v1/namespaces/default/events";
        foreach (var written in (await ReadAsync(api, $"{events}?fieldSelector=involvedObject.name={FirstJob}"))["items"]!.AsArray())
            same.Create(events, await ReadAsync(api, $"{events}/{written!["metadata"]!["name"]}"));
        return same;
    }

    /// <summary>Writes a second.</summary>
    public async Task<double> RateAsync(RawApi api, TimeSpan time)
    {
        var (watch, next) = (Stopwatch.StartNew(), 0);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (watch.Elapsed < time)
            {
                var number = Interlocked.Increment(ref next);
                foreach (var write in _writes)
                    await write(api, number);
            }
        }));
        return next * Count / watch.Elapsed.TotalSeconds;
    }

    private void Create(string path, JsonObject written)
    {
        var body = BodyOf(written);
        _writes.Add((api, number) => api.CreateAsync(path, body.Of(number)));
    }

    private void Apply(string path, JsonObject written, string subresource = "")
    {
        var body = BodyOf(written);
        _writes.Add((api, number) => api.ApplyAsync($"{path}/scale-raw-{number}{subresource}", body.Of(number)));
    }

    private static Body BodyOf(JsonObject written) => new(written.ToJsonString().Replace(FirstJob, "scale-raw-@@", StringComparison.Ordinal));

    private static async Task<JsonObject> ReadAsync(RawApi api, string path)
    {
        var stored = JsonNode.Parse(await api.GetAsync(path))!.AsObject();
        foreach (var field in SetByTheServer)
            stored["metadata"]!.AsObject().Remove(field);
        return stored;
    }

    /// <summary>The API server sets it, with a label of the pods that is made of the UID.</summary>
    private static JsonObject WithoutSelector(JsonObject job)
    {
        var spec = job["spec"]!.AsObject();
        spec.Remove("selector");
        var labels = spec["template"]!["metadata"]!["labels"]!.AsObject();
        foreach (var label in labels.Select(label => label.Key).Where(key => key.Contains("controller-uid", StringComparison.Ordinal) || key.Contains("job-name", StringComparison.Ordinal)).ToList())
            labels.Remove(label);
        return job;
    }
}
