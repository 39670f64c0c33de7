using System.Text.Json.Nodes;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.Pods;

namespace GpuMem.Webhook.Endpoints;

/// <summary>A decision about a pod as the answer of a review.</summary>
internal static class PodAnswer
{
    public static AdmissionResponse Allow => new() { Allowed = true };

    /// <param name="operations">What becomes of it.</param>
    /// <param name="warning">What its author is told; null for nothing.</param>
    public static AdmissionResponse Patch(IEnumerable<PatchOperation> operations, string? warning = null) =>
        new() { Warnings = warning is null ? null : [warning], Allowed = true, PatchType = "JSONPatch", Patch = ApiJson.Default.Serialize<JsonNode>(PatchOperation.ToJson(operations)) };

    public static AdmissionResponse Of(PodDecision decision) => new()
    {
        Allowed = decision.Allowed,
        Status = decision.Allowed ? null : new AdmissionStatus { Code = 403, Reason = "Forbidden", Message = decision.Message },
        Warnings = decision.Warnings.Count > 0 ? [.. decision.Warnings] : null,
        AuditAnnotations = decision.AuditAnnotations.Count > 0 ? new Dictionary<string, string>(decision.AuditAnnotations) : null,
    };
}
