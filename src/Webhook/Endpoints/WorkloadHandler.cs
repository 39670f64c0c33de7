using System.Text.Json;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
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

    private PodDecision? Decide(JsonElement manifest, AdmissionRequest request) =>
        manifest.ValueKind == JsonValueKind.Object && WorkloadReader.Read(manifest) is { } workload
            ? WorkloadReview.Validate(workload, request.Namespace is { Length: > 0 } ns ? ns : workload.Metadata.NamespaceProperty ?? "default", cluster, _decisions)
            : null;
}
