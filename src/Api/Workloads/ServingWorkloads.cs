using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KServe, KAITO and Argo, whose resources hold less than a pod template.</summary>
internal static class ServingWorkloads
{
    /// <summary>
    /// serving.kserve.io InferenceService: the predictor is the spec of a pod, or names a model beside a container's fields; workers of a predictor on
    /// several nodes stand beside it.
    /// </summary>
    public static IEnumerable<WorkloadPods> InferenceService(JsonElement? service)
    {
        var predictor = service.Member("spec", "predictor");
        return Templates.Spec(predictor, "predictor", 1)
            .Concat(Templates.Container(predictor.Member("model"), "predictor", 1))
            .Concat(Templates.Spec(predictor.Member("workerSpec"), "worker", null));
    }

    /// <summary>serving.kserve.io LLMInferenceService: specs of pods for decoding, for prefill, and for the workers of each.</summary>
    public static IEnumerable<WorkloadPods> LlmInferenceService(JsonElement? service)
    {
        var spec = service.Member("spec");
        return Templates.Spec(spec.Member("template"), "decode", 1)
            .Concat(Templates.Spec(spec.Member("worker"), "worker", null))
            .Concat(Templates.Spec(spec.Member("prefill", "template"), "prefill", 1))
            .Concat(Templates.Spec(spec.Member("prefill", "worker"), "prefill worker", null));
    }

    /// <summary>kaito.sh Workspace: the template of one's own; presets have none.</summary>
    public static IEnumerable<WorkloadPods> Workspace(JsonElement? workspace) =>
        Templates.Template(workspace.Member("inference", "template"), "inference", workspace.Member("resource").Number("count") ?? 1, "inference", "template");

    /// <summary>argoproj.io Workflow: each step is a pod of one container, which works by itself.</summary>
    public static IEnumerable<WorkloadPods> Workflow(JsonElement? workflow) => Steps(workflow.Member("spec"));

    /// <summary>argoproj.io CronWorkflow.</summary>
    public static IEnumerable<WorkloadPods> CronWorkflow(JsonElement? workflow) => Steps(workflow.Member("spec", "workflowSpec"));

    private static IEnumerable<WorkloadPods> Steps(JsonElement? spec) =>
        from template in spec.Member("templates").Items()
        from pods in Templates.Container(template.Item.Member("container") ?? template.Item.Member("script"), template.Item.Text("name") ?? "step", 1)
        // Labels and annotations of a step's pod stand beside its container.
        select template.Item.Member("metadata") is { } metadata ? pods with { Pod = WithMetadata(pods.Pod, metadata) } : pods;

    private static V1Pod WithMetadata(V1Pod pod, JsonElement metadata)
    {
        pod.Metadata = WorkloadReader.Metadata(metadata);
        return pod;
    }
}
