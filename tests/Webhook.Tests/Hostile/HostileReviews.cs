using System.Text.Json.Nodes;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>Thousands of reviews that no API server would send, and that anybody on the pod network can.</summary>
internal static class HostileReviews
{
    /// <summary>In place of every value there is, in turn.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "7", "-1", "0.5", "1e400", "99999999999999999999999", "\"\"", "\"x\"", "\"1e2147483647\"", "\"0.5\"", "\"-3\"", "\"\\u0000\\u202e\"", "\"\\ud800\"",
        "[]", "[null]", "[[]]", "{}", "{\"\": null}", "{\"a\": {\"a\": []}}",
    ];

    public static IEnumerable<(string Name, string Path, byte[] Body)> All() => WrongValues().Concat(Missing()).Concat(WrongEnvelopes()).Concat(Twice()).Concat(Extremes());

    private static IEnumerable<(string, string, byte[])> WrongValues() =>
        from honest in HonestReviews.Objects
        from way in Places.Of(JsonNode.Parse(honest.Object))
        from value in Values
        select Case($"{honest.Name}, {value} at {Places.Name(way)}", honest.Path, Places.With(honest.Object, way, value));

    private static IEnumerable<(string, string, byte[])> Missing() =>
        from honest in HonestReviews.Objects
        from way in Places.Of(JsonNode.Parse(honest.Object))
        where way.Count > 0
        select Case($"{honest.Name} without {Places.Name(way)}", honest.Path, Places.Without(honest.Object, way));

    private static IEnumerable<(string, string, byte[])> WrongEnvelopes()
    {
        var review = HonestReviews.Of("{}");
        return from path in new[] { "/validate-pod", "/mutate-pod", "/validate-workload", "/validate-trainingjob" }
               from way in Places.Of(JsonNode.Parse(review))
               from value in Values
               select ($"review, {value} at {Places.Name(way)}", path, HonestReviews.Bytes(Places.With(review, way, value)));
    }

    /// <summary>The same member twice in one object, wherever an object is.</summary>
    private static IEnumerable<(string, string, byte[])> Twice() =>
        from honest in HonestReviews.Objects
        from way in Places.Of(JsonNode.Parse(honest.Object))
        let at = Places.At(JsonNode.Parse(honest.Object), way) as JsonObject
        where at is { Count: > 0 }
        let twice = $"{at.ToJsonString()[..^1]}, {JsonValue.Create(at.First().Key).ToJsonString()}: null}}"
        select Case($"{honest.Name}, a member twice at {Places.Name(way)}", honest.Path, Places.With(honest.Object, way, twice));

    private static IEnumerable<(string, string, byte[])> Extremes()
    {
        foreach (var (path, name, entity) in HonestReviews.Objects)
        {
            foreach (var depth in new[] { 60, 400, 508, 520, 10_000, 100_000 })
            {
                yield return Case($"{name}, objects {depth} deep", path, With(entity, "spec", Deep(depth, "{\"a\":", "}")));
                yield return Case($"{name}, lists {depth} deep", path, With(entity, "metadata", Deep(depth, "[", "]")));
            }
            foreach (var number in new[] { "1e999999999", "-0", "1E+2", new string('9', 10_000), $"0.{new string('0', 10_000)}1", "9223372036854775808", "NaN", "0x10", "01" })
                yield return Case($"{name}, {Short(number)} as number", path, With(entity, "spec", $$"""{"replicas": {{number}}, "containers": []}"""));
            yield return Case($"{name}, 50,000 members", path, With(entity, "spec", $"{{{Many(50_000, i => $"\"m{i}\": {i}")}}}"));
            yield return Case($"{name}, 50,000 nulls", path, With(entity, "spec", $$"""{"containers": [{{Many(50_000, _ => "null")}}]}"""));
            yield return Case($"{name}, 100 KB of text everywhere", path, Everywhere(entity, $"\"{new string('a', 100_000 / 60)}\""));
            yield return Case($"{name}, a version of the future", path, With(entity, "apiVersion", "\"v9alpha7\""));
        }
        foreach (var (name, entity) in Pods())
        {
            yield return Case(name, "/validate-pod", entity);
            yield return Case(name, "/mutate-pod", entity);
            yield return Case($"{name} in a Deployment", "/validate-workload", $$"""{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "vllm"}, "spec": {"template": {{entity}}} }""");
        }
        foreach (var count in new[] { 0, 1_000 })
        {
            var templates = Many(count, i => $$"""{"name": "r{{i}}", "replicas": 1, "template": {"spec": {"template": {"spec": {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": 8} } }]} } } } }""");
            yield return Case($"a JobSet of {count} templates", "/validate-workload", $$"""{"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "metadata": {"name": "x"}, "spec": {"replicatedJobs": [{{templates}}]} }""");
            yield return Case($"a Deployment with {count} templates", "/validate-workload", $$"""{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "vllm"}, "spec": {"template": [{{templates}}]} }""");
        }
    }

    private static IEnumerable<(string Name, string Pod)> Pods()
    {
        foreach (var gpus in new[] { "\"0.5\"", "0.5", "\"500m\"", "-1", "\"-1\"", "\"1e30\"", "\"1e-30\"", "\"8 \"", "\"\\u0038\"", "\"８\"", "\"1_000\"", "\"0x8\"", "\"8Gi\"", "\"9223372036854775807\"", "\"99999999999999999999\"", "\"\"", "{}", "[8]", "true" })
            yield return ($"{gpus} GPUs", Pod("\"gpumem.io/training-job\": \"sft\"", $$"""{"name": "c", "resources": {"limits": {"nvidia.com/gpu": {{gpus}}} } }"""));
        yield return ("1,000 containers", Pod("\"gpumem.io/training-job\": \"sft\"", Many(1_000, i => $$"""{"name": "c{{i}}", "resources": {"limits": {"nvidia.com/gpu": 1} } }""")));
        yield return ("1,000 containers of one name", Pod("\"gpumem.io/training-job\": \"sft\"", Many(1_000, _ => """{"name": "c", "resources": {"limits": {"nvidia.com/gpu": 1}}}""")));
        yield return ("1,000 kinds of GPU", Pod("\"gpumem.io/training-job\": \"sft\"", $$"""{"name": "c", "resources": {"limits": {{{Many(1_000, i => $"\"nvidia.com/mig-{i}g.{i}gb\": 1")}}} } }"""));
        yield return ("no containers", Pod("\"gpumem.io/training-job\": \"sft\"", ""));
        yield return ("itself as owner", Owned("""{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": true}"""));
        yield return ("owners in a circle", Owned(Many(2, i => $$"""{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r{{1 - i}}", "uid": "u{{i}}", "controller": true}""")));
        yield return ("1,000 owners that all control it", Owned(Many(1_000, i => $$"""{"apiVersion": "batch/v1", "kind": "Job", "name": "train", "uid": "u{{i}}", "controller": true}""")));
        yield return ("an owner without a name", Owned("""{"controller": true}"""));
        yield return ("a label of 1 MB", Pod($"\"gpumem.io/training-job\": \"{new string('x', 1_000_000)}\"", "{\"name\": \"c\"}"));
        yield return ("a label that steers terminals", Pod("\"gpumem.io/training-job\": \"\\u001b[2J\\u202e\\u0000\\r\\n\"", "{\"name\": \"c\"}"));
        yield return ("a command of 10,000 words", Pod("\"gpumem.io/training-job\": \"sft\"", $$"""{"name": "c", "command": ["vllm", "serve", {{Many(10_000, i => $"\"--max-model-len\", \"{i}\"")}}], "resources": {"limits": {"nvidia.com/gpu": 1} } }"""));
        yield return ("a script of 500 KB", Pod("\"gpumem.io/training-job\": \"sft\"", $$"""{"name": "c", "command": ["bash", "-c", "{{string.Concat(Enumerable.Repeat("$(( `${a:-\\\"'", 30_000))}}"], "resources": {"limits": {"nvidia.com/gpu": 1} } }"""));
        yield return ("an environment that names itself", Pod("\"gpumem.io/training-job\": \"sft\"", $$"""{"name": "c", "command": ["torchrun", "$(A)"], "env": [{{Many(1_000, i => $$"""{"name": "A", "value": "$(A)$(A)$(B{{i}})"}""")}}]}"""));
        yield return ("an affinity of 1,000 terms", $$"""{"metadata": {"labels": {"gpumem.io/training-job": "sft"} }, "spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{{Many(1_000, i => $$"""{"matchExpressions": [{"key": "k{{i}}", "operator": "Nonsense", "values": ["9", null]}]}""")}}]} } }, "containers": [{"name": "c"}]} }""");
        yield return ("an inline description that is none", """{"metadata": {"annotations": {"gpumem.io/spec": "{{{{"}}, "spec": {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}""");
        yield return ("an inline description that nests", $$"""{"metadata": {"annotations": {"gpumem.io/spec": "{{new string('[', 100_000)}}"} }, "spec": {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": 1} } }]} }""");
    }

    private static string Pod(string labels, string containers) => $$$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {{{{labels}}}}}, "spec": {"containers": [{{{containers}}}]}}""";

    private static string Owned(string owners) => $$"""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "uid": "u", "ownerReferences": [{{owners}}]}, "spec": {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": 1} } }]} }
        """;

    private static (string, string, byte[]) Case(string name, string path, string entity) => (name, path, HonestReviews.Bytes(HonestReviews.Of(entity)));

    private static string With(string entity, string member, string value) => Places.With(entity, [member], value);

    private static string Everywhere(string entity, string text) =>
        Places.Of(JsonNode.Parse(entity)).Where(way => Places.At(JsonNode.Parse(entity), way) is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.String)
            .Aggregate(entity, (now, way) => Places.With(now, way, text));

    private static string Deep(int depth, string open, string close) => string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));

    private static string Many(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Short(string text) => text.Length > 40 ? $"{text[..20]}… ({text.Length} digits)" : text;
}
