namespace GpuMem.Api.Pods;

/// <summary>The workloads that a pod belongs to, as far as the pod itself tells.</summary>
public static class PodOwners
{
    /// <summary>On a pod of a Deployment: what its ReplicaSet's name ends with.</summary>
    public const string TemplateHashLabel = "pod-template-hash";

    /// <summary>Its controller and, behind a ReplicaSet, the Deployment; empty for a pod that nothing controls.</summary>
    public static IReadOnlyList<V1OwnerReference> Of(V1Pod pod)
    {
        if (pod.GetController() is not { } controller)
            return [];
        return Deployment(controller) is { } deployment && controller.Name == $"{deployment.Name}-{pod.GetLabel(TemplateHashLabel)}" ? [controller, deployment] : [controller];
    }

    /// <summary>
    /// The Deployment that such a ReplicaSet would be of, by its name; null for other kinds. A Deployment names each ReplicaSet after itself, with a
    /// hash without dashes behind (kubernetes pkg/controller/deployment/sync.go), and pods carry the hash as a label.
    /// </summary>
    public static V1OwnerReference? Deployment(V1OwnerReference controller) =>
        controller is { Kind: "ReplicaSet", Name: { } name, ApiVersion: { } version } && name.LastIndexOf('-') is > 0 and var dash
            ? new V1OwnerReference { ApiVersion = version, Kind = "Deployment", Name = name[..dash], Controller = true }
            : null;
}
