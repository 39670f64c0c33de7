using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers reviews of pods. Thin: reads the review, asks for the decision, writes the answer. No API call in here.</summary>
public sealed class AdmissionHandlers(IClusterState cluster)
{
    private readonly DecisionCache _decisions = new();

    public AdmissionResponse ValidatePod(AdmissionRequest request)
    {
        if (Pod(request) is not { } pod)
            return Alone(request) is { } workload ? PodAnswer.Of(CommandReview.Validate(workload, request.Namespace is { Length: > 0 } ns ? ns : workload.Metadata.NamespaceProperty ?? "default", cluster)) : PodAnswer.Allow;
        return PodAnswer.Of(PodDecision.Validate(pod, Tie(pod, request), cluster.Inventory, cluster.ConfigMaps, _decisions));
    }

    public AdmissionResponse MutatePod(AdmissionRequest request)
    {
        if (Pod(request) is not { } pod || JsonObject.Create(request.Object) is not { } raw)
            return PodAnswer.Allow;
        var operations = PodDecision.Mutate(raw, pod, Tie(pod, request), cluster.Inventory, cluster.ConfigMaps, _decisions);
        return operations.Count == 0 ? PodAnswer.Allow : PodAnswer.Patch(operations);
    }

    /// <summary>A pod that nobody describes and nothing made; of others, what made them was looked at.</summary>
    private static Workload? Alone(AdmissionRequest request) =>
        request.Operation == "CREATE" && string.IsNullOrEmpty(request.SubResource) && Reviewed.Part(request.Object, "metadata", "ownerReferences") is null or { ValueKind: JsonValueKind.Null }
            ? WorkloadReader.Read(request.Object)
            : null;

    private PodTie Tie(V1Pod pod, AdmissionRequest request) =>
        PodTie.Of(pod, request.Namespace is { Length: > 0 } name ? name : pod.Namespace() ?? "default", cluster);

    /// <summary>Null when the review is not about the creation of a pod that a TrainingJob or ModelServer could describe: nothing of ours.</summary>
    private V1Pod? Pod(AdmissionRequest request) =>
        request.Operation == "CREATE" && string.IsNullOrEmpty(request.SubResource) && request.Object.ValueKind == JsonValueKind.Object && MayBeOurs(request)
            ? request.Object.Deserialize(PodContract.Pod)
            : null;

    /// <summary>Most pods of a cluster are nobody's here, and are not read for it: no label of ours, and no workload that one of ours describes.</summary>
    private bool MayBeOurs(AdmissionRequest request)
    {
        if (!request.Object.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object)
            return true;
        if (metadata.TryGetProperty("labels", out var labels) && (labels.ValueKind != JsonValueKind.Object || labels.TryGetProperty(ApiGroup.TrainingJobLabel, out _) || labels.TryGetProperty(ApiGroup.ModelServerLabel, out _)))
            return true;
        if (metadata.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object && annotations.TryGetProperty(ApiGroup.SpecAnnotation, out _))
            return true;
        // Its namespace, where the request does not say it, is read from the pod.
        return metadata.TryGetProperty("ownerReferences", out var owners) && owners.ValueKind != JsonValueKind.Null && (string.IsNullOrEmpty(request.Namespace) || cluster.HasTargets(request.Namespace));
    }
}
