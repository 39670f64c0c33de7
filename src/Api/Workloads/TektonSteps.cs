using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of Tekton: the steps of a task are the containers of one (tektoncd/pipeline pkg/apis/pipeline/v1/container_types.go, pkg/pod/pod.go).</summary>
internal static class TektonSteps
{
    private static readonly string[] ListsOfTasks = ["tasks", "finally"];

    public static IEnumerable<WorkloadPods> Task(JsonElement? task) => Of(task.Member("spec"), "", null);

    public static IEnumerable<WorkloadPods> TaskRun(JsonElement? run) => Of(run.Member("spec", "taskSpec"), "", run.Member("spec", "podTemplate"));

    public static IEnumerable<WorkloadPods> Pipeline(JsonElement? pipeline) => OfPipeline(pipeline.Member("spec"), null);

    public static IEnumerable<WorkloadPods> PipelineRun(JsonElement? run) => OfPipeline(run.Member("spec", "pipelineSpec"), run.Member("spec", "taskRunTemplate", "podTemplate") ?? run.Member("spec", "podTemplate"));

    private static IEnumerable<WorkloadPods> OfPipeline(JsonElement? spec, JsonElement? placed) =>
        from list in ListsOfTasks
        from task in spec.Member(list).Items()
        from pods in Of(task.Item.Member("taskSpec"), task.Item.Text("name") ?? "", placed)
        select pods;

    /// <param name="placed">What says on which nodes the pod runs.</param>
    private static IEnumerable<WorkloadPods> Of(JsonElement? spec, string role, JsonElement? placed)
    {
        var usual = spec.Member("stepTemplate");
        List<JsonNode> steps = [.. spec.Member("steps").Items().Select(step => Container(step.Item, usual))];
        return steps.Count == 0 ? [] : Templates.Containers(JsonSerializer.SerializeToElement(new JsonArray([.. steps]), ManifestJson.Node), role, 1, placed).Select(pods => pods.ToleratingMore());
    }

    /// <summary>computeResources were called resources before v1. A script is as if a shell were given it, where no other program is named in its first line.</summary>
    private static JsonObject Container(JsonElement? step, JsonElement? usual)
    {
        var container = new JsonObject { ["name"] = step.Text("name") ?? "step" };
        foreach (var (field, names) in new (string, string[])[]
            { ("image", ["image"]), ("command", ["command"]), ("args", ["args"]), ("env", ["env"]), ("workingDir", ["workingDir"]), ("resources", ["computeResources", "resources"]) })
            if (names.Select(name => step.Member(name) ?? usual.Member(name)).FirstOrDefault(value => value is not null) is { } written)
                container[field] = JsonNode.Parse(written.GetRawText());
        if (step.Text("script") is { } script)
        {
            container["command"] = new JsonArray((JsonNode)(script.StartsWith("#!", StringComparison.Ordinal) && !script.Split('\n')[0].Contains("sh", StringComparison.Ordinal) ? "script" : "sh"));
            container["args"] = new JsonArray((JsonNode)"-c", (JsonNode)script);
        }
        return container;
    }
}
