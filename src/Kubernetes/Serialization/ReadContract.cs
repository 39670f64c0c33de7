namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// What is read of the models of KubernetesClient, which hold every field there is: a list then costs what is kept of it. The members named here
/// are those that some code of this house asks for; the reader skips the others as it skips what no model knows.
/// </summary>
internal static class ReadContract
{
    // A kind that is replaced as a whole, the Lease, is not among them: what was not read of it would be lost with the next write.
    private static readonly Dictionary<Type, string[]> Kept = new()
    {
        [typeof(V1ObjectMeta)] =
        [
            "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "labels",
            "annotations", "ownerReferences", "finalizers",
        ],
        [typeof(V1ListMeta)] = ["resourceVersion", "continue", "remainingItemCount"],
        [typeof(V1NodeSpec)] = ["unschedulable", "taints", "providerID"],
        [typeof(V1Taint)] = ["key", "value", "effect"],
        [typeof(V1NodeStatus)] = ["capacity", "allocatable", "conditions"],
        [typeof(V1NodeCondition)] = ["type", "status", "reason", "message", "lastTransitionTime"],
        [typeof(V1ResourceSliceSpec)] = ["driver", "pool", "nodeName", "devices"],
        [typeof(V1ResourcePool)] = ["name", "generation", "resourceSliceCount"],
        [typeof(V1Device)] = ["name", "attributes", "capacity", "consumesCounters", "taints", "allowMultipleAllocations"],
        [typeof(V1DeviceAttribute)] = ["string", "bool", "int", "version"],
        [typeof(V1DeviceClassSpec)] = ["selectors", "extendedResourceName"],
        [typeof(V1ResourceClaimTemplateSpec)] = ["spec"],
        [typeof(Resourcev1ResourceClaim)] = ["apiVersion", "kind", "metadata", "spec"],
        [typeof(V1DeviceClaim)] = ["requests"],
        [typeof(V1DeviceCapacity)] = ["value", "requestPolicy"],
        [typeof(V1CapacityRequestPolicy)] = ["default"],
        [typeof(V1DeviceCounterConsumption)] = ["counterSet"],
        [typeof(V1DeviceTaint)] = ["key", "value", "effect"],
        [typeof(V1PodSpec)] =
        [
            "containers", "initContainers", "nodeSelector", "affinity", "tolerations", "schedulingGates", "runtimeClassName", "overhead",
            "resourceClaims", "nodeName", "schedulerName", "serviceAccountName", "priorityClassName", "restartPolicy", "hostname", "subdomain",
            "volumes",
        ],
        [typeof(V1Container)] =
        [
            "name", "image", "command", "args", "workingDir", "env", "envFrom", "resources", "ports", "volumeMounts", "restartPolicy", "terminationMessagePolicy",
        ],
        [typeof(V1EnvVar)] = ["name", "value", "valueFrom"],
        [typeof(V1EnvVarSource)] = ["fieldRef", "configMapKeyRef"],
        [typeof(V1ContainerPort)] = ["name", "containerPort", "protocol"],
        [typeof(V1VolumeMount)] = ["name", "mountPath", "subPath"],
        [typeof(V1Volume)] = ["name", "emptyDir", "configMap", "projected"],
        [typeof(V1Affinity)] = ["nodeAffinity"],
        [typeof(V1NodeAffinity)] = ["requiredDuringSchedulingIgnoredDuringExecution"],
        [typeof(V1PodStatus)] = ["phase", "reason", "message", "conditions", "initContainerStatuses", "containerStatuses"],
        [typeof(V1PodCondition)] = ["type", "status", "reason", "message", "lastTransitionTime"],
        [typeof(V1ContainerStatus)] = ["name", "restartCount", "state", "lastState"],
        [typeof(V1ContainerState)] = ["terminated"],
        [typeof(V1ContainerStateTerminated)] = ["exitCode", "reason", "message", "finishedAt"],
        [typeof(V1JobSpec)] =
        [
            "parallelism", "completions", "completionMode", "backoffLimit", "suspend", "selector", "template", "ttlSecondsAfterFinished",
        ],
        [typeof(V1JobStatus)] = ["active", "succeeded", "failed", "ready", "conditions", "startTime", "completionTime"],
        [typeof(V1DeploymentSpec)] = ["replicas", "selector", "template"],
        [typeof(V1DeploymentStatus)] = ["replicas", "readyReplicas", "availableReplicas", "conditions"],
        [typeof(V1DeploymentCondition)] = ["type", "status", "reason", "message", "lastTransitionTime"],
        [typeof(V1ServiceSpec)] = ["clusterIP", "selector", "ports", "publishNotReadyAddresses"],
        [typeof(V1ServicePort)] = ["name", "port", "protocol", "targetPort"],
        [typeof(V1Service)] = ["apiVersion", "kind", "metadata", "spec"],
        [typeof(V1Namespace)] = ["apiVersion", "kind", "metadata"],
        [typeof(V1ValidatingWebhook)] = ["name", "clientConfig"],
        [typeof(V1MutatingWebhook)] = ["name", "clientConfig"],
        [typeof(Admissionregistrationv1WebhookClientConfig)] = ["caBundle"],
        [typeof(V1Status)] = ["apiVersion", "kind", "status", "message", "reason", "code", "details"],
    };

    /// <summary>Members whose values repeat across the objects of a cluster.</summary>
    private static readonly Dictionary<Type, string[]> Pooled = new()
    {
        [typeof(V1ObjectMeta)] = ["namespace"],
        [typeof(V1OwnerReference)] = ["apiVersion", "kind"],
        [typeof(V1Taint)] = ["key", "value", "effect"],
        [typeof(V1NodeCondition)] = ["type", "status", "reason"],
        [typeof(V1PodCondition)] = ["type", "status", "reason"],
        [typeof(V1JobCondition)] = ["type", "status", "reason"],
        [typeof(V1PodSpec)] = ["nodeName"],
    };

    private static readonly PooledStringConverter PooledString = new();
    private static readonly LabelsConverter Labels = new();

    internal static void Apply(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        if (Kept.TryGetValue(type.Type, out string[]? kept))
            type.KeepOnly(kept);
        NullItems.Refuse(type);
        bool isEntity = typeof(IKubernetesObject).IsAssignableFrom(type.Type);
        string[] pooled = Pooled.GetValueOrDefault(type.Type) ?? [];
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (pooled.Contains(property.Name) || (isEntity && property.Name is "apiVersion" or "kind"))
                property.CustomConverter = PooledString;
            else if (type.Type == typeof(V1ObjectMeta) && property.Name == "labels")
                property.CustomConverter = Labels;
        }

        // What was read is never whole, and a field that is missing from what is written is a field that is deleted.
        type.OnSerializing = _ => throw new NotSupportedException($"{type.Type.Name} would be written with the contract for reading, which leaves members out.");
    }
}
