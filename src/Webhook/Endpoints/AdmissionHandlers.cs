using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.Pods;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers reviews of pods. Thin: reads the review, asks for the decision, writes the answer. No API call in here.</summary>
public sealed class AdmissionHandlers(IClusterState cluster)
{
    public AdmissionResponse ValidatePod(AdmissionRequest request)
    {
        if (Pod(request) is not { } pod)
            return Allow();
        var decision = PodDecision.Validate(pod, Tie(pod, request), cluster.Inventory, cluster.ConfigMaps);
        return new AdmissionResponse
        {
            Allowed = decision.Allowed,
            Status = decision.Allowed ? null : new AdmissionStatus { Code = 403, Reason = "Forbidden", Message = decision.Message },
            Warnings = decision.Warnings.Count > 0 ? [.. decision.Warnings] : null,
            AuditAnnotations = decision.AuditAnnotations.Count > 0 ? new Dictionary<string, string>(decision.AuditAnnotations) : null,
        };
    }

    public AdmissionResponse MutatePod(AdmissionRequest request)
    {
        if (Pod(request) is not { } pod || JsonObject.Create(request.Object) is not { } raw)
            return Allow();
        var operations = PodDecision.Mutate(raw, pod, Tie(pod, request), cluster.Inventory, cluster.ConfigMaps);
        return operations.Count == 0
            ? Allow()
            : new AdmissionResponse { Allowed = true, PatchType = "JSONPatch", Patch = ApiJson.Default.Serialize<JsonNode>(PatchOperation.ToJson(operations)) };
    }

    private static AdmissionResponse Allow() => new() { Allowed = true };

    private TrainingJobTie Tie(V1Pod pod, AdmissionRequest request)
    {
        var ns = request.Namespace is { Length: > 0 } name ? name : pod.Namespace() ?? "default";
        return TrainingJobTie.Of(pod, job => cluster.FindJob(ns, job), () => cluster.JobsWithTarget(ns));
    }

    /// <summary>Null when the review is not about the creation of a pod: nothing of ours.</summary>
    private static V1Pod? Pod(AdmissionRequest request) =>
        request.Operation == "CREATE" && string.IsNullOrEmpty(request.SubResource) && request.Object.ValueKind == JsonValueKind.Object
            ? ApiJson.Default.Deserialize<V1Pod>(request.Object)
            : null;
}
