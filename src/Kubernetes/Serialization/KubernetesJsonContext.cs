using GpuMem.Kubernetes.Admission;

namespace GpuMem.Kubernetes.Serialization;

/// <summary>Source-generated metadata of every type that this project reads or writes. That of KubernetesClient is not public, and is one of all kinds.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(TimeConverter), typeof(UtcConverter), typeof(ResourceQuantityGuard), typeof(IntOrStringGuard)])]
[JsonSerializable(typeof(V1Node))]
[JsonSerializable(typeof(V1ResourceSlice))]
[JsonSerializable(typeof(V1DeviceClass))]
[JsonSerializable(typeof(V1ResourceClaimTemplate))]
[JsonSerializable(typeof(Resourcev1ResourceClaim))]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1PodTemplateSpec))]
[JsonSerializable(typeof(V1Job))]
[JsonSerializable(typeof(V1Deployment))]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(V1SubjectAccessReview))]
[JsonSerializable(typeof(V1ValidatingWebhookConfiguration))]
[JsonSerializable(typeof(V1MutatingWebhookConfiguration))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V1ListMeta))]
[JsonSerializable(typeof(AdmissionReview))]
[JsonSerializable(typeof(UserInfo))]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(KubeConfig))]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonNode))]
internal sealed partial class KubernetesJsonContext : JsonSerializerContext;
