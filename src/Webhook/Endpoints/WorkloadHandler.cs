using System.Text.Json;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// Answers reviews of Deployments and StatefulSets, whose pods would only be refused later, where nobody looks: whoever applies one learns of it at
/// once. The verdict is the one that its pods get. No API call in here.
/// </summary>
public sealed class WorkloadHandler(IClusterState cluster)
{
    private readonly DecisionCache _decisions = new();

    public AdmissionResponse Validate(AdmissionRequest request)
    {
        // Scaling and status are nobody's business here: what runs already is not stopped.
        if (request.Operation is not ("CREATE" or "UPDATE") || !string.IsNullOrEmpty(request.SubResource) || Reviewed.IsUnchanged(request, "spec", "template"))
            return PodAnswer.Allow;
        if (Reviewed.Part(request.Object, "spec", "template") is not { ValueKind: JsonValueKind.Object } template || Workload(request) is not { } workload)
            return PodAnswer.Allow;
        if (template.Deserialize(PodContract.Pod) is not { } pod || PodTie.Of(pod, workload, request.Namespace ?? "default", cluster) is not { Description: not null } tie)
            return PodAnswer.Allow;
        // As its pods will be: with a controller.
        pod.Metadata ??= new V1ObjectMeta();
        pod.Metadata.OwnerReferences = [workload];
        return PodAnswer.Of(PodDecision.Validate(pod, tie, cluster.Inventory, cluster.ConfigMaps, _decisions));
    }

    private static V1OwnerReference? Workload(AdmissionRequest request) =>
        Text(request.Object, "kind") is { } kind && Text(request.Object, "apiVersion") is { } version && (Text(request.Object, "metadata", "name") ?? request.Name) is { } name
            ? new V1OwnerReference { ApiVersion = version, Kind = kind, Name = name, Controller = true }
            : null;

    private static string? Text(JsonElement entity, params string[] path) =>
        Reviewed.Part(entity, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
