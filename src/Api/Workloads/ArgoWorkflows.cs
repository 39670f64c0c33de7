using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of Argo Workflows, one for each template that has a container.</summary>
internal static class ArgoWorkflows
{
    /// <summary>argoproj.io Workflow: each step is a pod of one container, which works by itself.</summary>
    public static IEnumerable<WorkloadPods> Workflow(JsonElement? workflow) => Steps(workflow.Member("spec"));

    /// <summary>argoproj.io CronWorkflow.</summary>
    public static IEnumerable<WorkloadPods> CronWorkflow(JsonElement? workflow) => Steps(workflow.Member("spec", "workflowSpec"));

    /// <summary>
    /// Where a step runs is said by its template, else by the workflow (workflow/controller/workflowpod.go, addSchedulingConstraints); its tolerations may be
    /// those of the controller's workflowDefaults. A podSpecPatch may change the GPUs, too: what comes of it only the pod itself says.
    /// </summary>
    private static IEnumerable<WorkloadPods> Steps(JsonElement? spec)
    {
        var parameters = new ArgoParameters(spec);
        return
            from written in spec.Member("templates").Items().SelectMany(template => Inline(template.Item).Prepend(template.Item))
            let template = parameters.PutInto(written)
            let places = new[] { template, spec.Member("templateDefaults"), spec }
            where !places.Any(place => place.Member("podSpecPatch") is not null)
            from pods in Templates.Container(template.Member("container") ?? Script(template.Member("script")), template.Text("name") ?? "step", 1, places)
                .Concat(Templates.Containers(template.Member("containerSet", "containers"), template.Text("name") ?? "step", 1, places))
            let tolerating = pods.ToleratingMore()
            // Labels and annotations of a step's pod stand beside its container.
            select template.Member("metadata") is { } metadata ? tolerating with { Pod = WithMetadata(tolerating.Pod, metadata) } : tolerating;
    }

    /// <summary>The templates that steps and tasks hold themselves.</summary>
    private static IEnumerable<JsonElement?> Inline(JsonElement? template) => ArgoParameters.Calls(template).Select(call => call.Member("inline")).Where(inline => inline is not null);

    /// <summary>The text of a script stands behind its command as a file (workflow/common/common.go, ExecutorScriptSourcePath), which for a shell is as if it were its argument.</summary>
    private static JsonElement? Script(JsonElement? script)
    {
        if (script is not { ValueKind: JsonValueKind.Object } known || script.Text("source") is not { } source
            || script.Member("command") is not { ValueKind: JsonValueKind.Array } command || command.GetArrayLength() == 0 || !ShellStart.IsShell(command[0].ToString()))
            return script;
        var container = JsonObject.Create(known)!;
        container.Remove("source");
        container["args"] = new JsonArray("-c", source);
        return JsonSerializer.SerializeToElement(container, ManifestJson.Node);
    }

    private static V1Pod WithMetadata(V1Pod pod, JsonElement metadata)
    {
        pod.Metadata = WorkloadReader.Metadata(metadata);
        return pod;
    }
}
