using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>
/// What holds templates of pods and is none of the kinds that a cluster asks about: templates that others run, and kinds that nobody here knows, in which a
/// pod's template has the same shape. In a cluster the pods themselves are looked at.
/// </summary>
internal static class HeldTemplates
{
    /// <summary>Templates in one that are read; members and items that are gone through, one in another.</summary>
    private const int Most = 64, Deepest = 24;

    private static readonly Dictionary<(string Group, string Kind), Func<JsonElement?, IEnumerable<WorkloadPods>>> Kinds = new()
    {
        [("argoproj.io", "WorkflowTemplate")] = ArgoWorkflows.Workflow,
        [("argoproj.io", "ClusterWorkflowTemplate")] = ArgoWorkflows.Workflow,
        [("", "PodTemplate")] = held => Templates.Template(held.Member("template"), "", 1),
        [("kaito.sh", "MultiRoleInference")] = KaitoWorkloads.MultiRoleInference,
        [("tekton.dev", "Task")] = TektonSteps.Task,
        [("tekton.dev", "ClusterTask")] = TektonSteps.Task,
        [("tekton.dev", "TaskRun")] = TektonSteps.TaskRun,
        [("tekton.dev", "Pipeline")] = TektonSteps.Pipeline,
        [("tekton.dev", "PipelineRun")] = TektonSteps.PipelineRun,
    };

    /// <summary>Null where no template of a pod is in it.</summary>
    public static Workload? Read(JsonObject manifest)
    {
        JsonElement? whole = JsonSerializer.SerializeToElement(manifest, ManifestJson.Node);
        if (whole.Text("kind") is not { } kind)
            return null;
        var isKnown = Kinds.TryGetValue((WorkloadReader.Group(whole.Text("apiVersion")), kind), out var pods);
        // How many pods an operator makes of a template only it knows.
        List<WorkloadPods> held = [.. isKnown ? pods!(whole) : Found(whole, "", Deepest).Take(Most)];
        return held.Count > 0 ? WorkloadReader.Of(whole, held.Select(one => one with { Path = null }), areCopies: isKnown) : null;
    }

    /// <summary>A spec is what has containers; what it stands in is its template, where that calls it so.</summary>
    private static IEnumerable<WorkloadPods> Found(JsonElement? element, string role, int deep) => deep == 0 ? [] : element switch
    {
        _ when IsSpec(element.Member("spec")) => Templates.Template(element, role, null),
        _ when IsSpec(element) => Templates.Spec(element, role, null),
        { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().SelectMany(member => Found(member.Value, member.Name, deep - 1)),
        { ValueKind: JsonValueKind.Array } items => items.EnumerateArray().SelectMany(item => Found(item, role, deep - 1)),
        _ => [],
    };

    private static bool IsSpec(JsonElement? element) => element.Member("containers") is { ValueKind: JsonValueKind.Array } containers && containers.GetArrayLength() > 0;
}
