using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers reviews of what makes pods, from a Job to an InferenceService: whoever applies one learns at once what its pods would be told. No API call in here.</summary>
public sealed class WorkloadHandler(IClusterState cluster)
{
    private readonly DecisionCache _decisions = new();

    public AdmissionResponse Validate(AdmissionRequest request)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || !string.IsNullOrEmpty(request.SubResource) || Reviewed.IsUnchanged(request, "spec"))
            return PodAnswer.Allow;
        if (Decide(request.Object, request) is not { } decision)
            return PodAnswer.Allow;

        // What came before there was anybody to ask, or while policy only warned, runs already: an update that mends nothing of it is not stopped.
        if (!decision.Allowed && request.Operation == "UPDATE" && Decide(request.OldObject, request) is { Allowed: false })
            decision = decision with { Allowed = true, Message = null, Warnings = [decision.Line!] };
        return PodAnswer.Of(decision);
    }

    public AdmissionResponse Mutate(AdmissionRequest request)
    {
        if (request.Operation != "CREATE" || !string.IsNullOrEmpty(request.SubResource) || request.Object.ValueKind != JsonValueKind.Object || WorkloadReader.Read(request.Object) is not { } workload)
            return PodAnswer.Allow;
        var operations = WorkloadRewrite.Operations(JsonObject.Create(request.Object)!, workload, Namespace(request, workload), cluster);
        return operations.Count == 0 ? PodAnswer.Allow : PodAnswer.Patch(operations, Rewritten(operations));
    }

    /// <summary>Whoever applied it is told what became of it.</summary>
    private static string? Rewritten(IReadOnlyList<PatchOperation> operations) =>
        operations.FirstOrDefault(operation => operation.Path[^1] == ApiGroup.RewrittenAnnotation)?.Value is JsonValue what ? $"GPUs of each pod set by GpuMem: {what}" : null;

    private static string Namespace(AdmissionRequest request, Workload workload) => request.Namespace is { Length: > 0 } ns ? ns : workload.Metadata.NamespaceProperty ?? "default";

    private PodDecision? Decide(JsonElement manifest, AdmissionRequest request) =>
        manifest.ValueKind == JsonValueKind.Object && WorkloadReader.Read(manifest) is { } workload
            ? WorkloadReview.Validate(workload, Namespace(request, workload), cluster, _decisions)
            : null;
}
