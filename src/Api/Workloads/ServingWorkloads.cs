using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KServe, KAITO and Argo, whose resources hold less than a pod template.</summary>
internal static class ServingWorkloads
{
    /// <summary>
    /// serving.kserve.io InferenceService: the predictor is the spec of a pod, or names a model beside a container's fields; workers of a predictor on
    /// several nodes stand beside it. Its runtime has tolerations of its own (pkg/apis/serving/v1alpha1/servingruntime_types.go).
    /// </summary>
    public static IEnumerable<WorkloadPods> InferenceService(JsonElement? service)
    {
        var predictor = service.Member("spec", "predictor");
        return Templates.Spec(predictor, "predictor", 1)
            .Concat(Templates.Container(predictor.Member("model"), "predictor", 1, predictor))
            .Concat(Templates.Spec(predictor.Member("workerSpec"), "worker", null))
            .Select(pods => pods.ToleratingMore());
    }

    /// <summary>
    /// serving.kserve.io LLMInferenceService: specs of pods for decoding, for prefill, and for the workers of each, over those of the configurations that
    /// baseRefs names.
    /// </summary>
    public static IEnumerable<WorkloadPods> LlmInferenceService(JsonElement? service)
    {
        var spec = service.Member("spec");
        return Templates.Spec(spec.Member("template"), "decode", 1)
            .Concat(Templates.Spec(spec.Member("worker"), "worker", null))
            .Concat(Templates.Spec(spec.Member("prefill", "template"), "prefill", 1))
            .Concat(Templates.Spec(spec.Member("prefill", "worker"), "prefill worker", null))
            .Select(pods => pods.ToleratingMore());
    }

    /// <summary>kaito.sh Workspace: the template of one's own; presets have none.</summary>
    public static IEnumerable<WorkloadPods> Workspace(JsonElement? workspace) =>
        Templates.Template(workspace.Member("inference", "template"), "inference", workspace.Member("resource").Number("count") ?? 1, "inference", "template");

    /// <summary>argoproj.io Workflow: each step is a pod of one container, which works by itself.</summary>
    public static IEnumerable<WorkloadPods> Workflow(JsonElement? workflow) => Steps(workflow.Member("spec"));

    /// <summary>argoproj.io CronWorkflow.</summary>
    public static IEnumerable<WorkloadPods> CronWorkflow(JsonElement? workflow) => Steps(workflow.Member("spec", "workflowSpec"));

    /// <summary>
    /// Where a step runs is said by its template, else by the workflow (workflow/controller/workflowpod.go, addSchedulingConstraints); its tolerations may be
    /// those of the controller's workflowDefaults. A podSpecPatch may change the GPUs, too: what comes of it only the pod itself says.
    /// </summary>
    private static IEnumerable<WorkloadPods> Steps(JsonElement? spec) =>
        from template in spec.Member("templates").Items()
        let places = new[] { template.Item, spec.Member("templateDefaults"), spec }
        where !places.Any(place => place.Member("podSpecPatch") is not null)
        from pods in Templates.Container(template.Item.Member("container") ?? template.Item.Member("script"), template.Item.Text("name") ?? "step", 1, places)
        let tolerating = pods.ToleratingMore()
        // Labels and annotations of a step's pod stand beside its container.
        select template.Item.Member("metadata") is { } metadata ? tolerating with { Pod = WithMetadata(tolerating.Pod, metadata) } : tolerating;

    private static V1Pod WithMetadata(V1Pod pod, JsonElement metadata)
    {
        pod.Metadata = WorkloadReader.Metadata(metadata);
        return pod;
    }
}
