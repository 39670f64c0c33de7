using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Api.Workloads;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Api.Pods;

/// <summary>
/// What a decision reads of a pod, and nothing else: most annotations, environment and volumes, of megabytes maybe, stay the bytes they came in.
/// Patches are computed against the raw JSON.
/// </summary>
public static class PodContract
{
    private static readonly Dictionary<Type, string[]> Kept = new()
    {
        [typeof(V1Pod)] = ["metadata", "spec"],
        [typeof(V1ObjectMeta)] = ["name", "namespace", "labels", "annotations", "ownerReferences"],
        [typeof(V1OwnerReference)] = ["apiVersion", "kind", "name", "controller"],
        [typeof(V1PodSpec)] = ["containers", "initContainers", "nodeSelector", "affinity", "tolerations", "resourceClaims", "nodeName", "schedulerName"],
        [typeof(V1Container)] = ["resources", "restartPolicy", "env", "envFrom", "command", "args"],
        [typeof(V1ResourceRequirements)] = ["limits", "requests"],
        [typeof(V1PodResourceClaim)] = ["name", "resourceClaimName", "resourceClaimTemplateName"],
        [typeof(V1Toleration)] = ["key", "operator", "value", "effect"],
    };

    /// <summary>A pod as decisions see it.</summary>
    public static JsonTypeInfo<V1Pod> Pod { get; } = KubernetesJson.Default.ReadInfo<V1Pod>(Narrow);

    /// <summary>The <c>spec</c> of a pod or of its template.</summary>
    public static JsonTypeInfo<V1PodSpec> Spec { get; } = (JsonTypeInfo<V1PodSpec>)Pod.Options.GetTypeInfo(typeof(V1PodSpec));

    /// <summary>The <c>metadata</c> of a pod, or of what makes pods.</summary>
    public static JsonTypeInfo<V1ObjectMeta> Metadata { get; } = (JsonTypeInfo<V1ObjectMeta>)Pod.Options.GetTypeInfo(typeof(V1ObjectMeta));

    private static void Narrow(JsonTypeInfo type)
    {
        if (Kept.TryGetValue(type.Type, out var kept))
            type.KeepOnly(kept);
        if (type.Type == typeof(V1ObjectMeta))
        {
            Convert("annotations", new LabelsConverter(GpuShare.KaiFraction, GpuShare.KaiMemory, GpuShare.KaiDevices, GpuShare.KaiFractionLimit, GpuShare.KaiMemoryLimit, $"{GpuShare.NvFractions}*", $"{GpuShare.KaiPortions}*", ApiGroup.RewrittenAnnotation, ApiGroup.SpecAnnotation));
            Convert("labels", new LabelsConverter([ApiGroup.TrainingJobLabel, ApiGroup.ModelServerLabel, KueueQueue.Label, .. OwnerLabels.Known]));
        }
        else if (type.Type == typeof(V1Container))
        {
            Convert("env", new PodEnvironment());
            Convert("command", new PodWords());
            Convert("args", new PodWords());
        }

        void Convert(string member, JsonConverter converter) => type.Properties.Single(property => property.Name == member).CustomConverter = converter;
    }
}
