using System.Collections.Frozen;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Api.GpuPools;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Kubernetes.Serialization;
using GpuMem.Planning;

namespace GpuMem.Api.Json;

/// <summary>The JSON of our own resources, beside those of Kubernetes.</summary>
public static class ApiJson
{
    /// <summary>By type, one each: making a generic type at run time would need a compiler in the process.</summary>
    private static readonly FrozenDictionary<Type, JsonConverter> EnumNames = new JsonConverter[]
    {
        new EnumNameConverter<AttentionKernel>(), new EnumNameConverter<Confidence>(), new EnumNameConverter<ContextExchange>(),
        new EnumNameConverter<CopyType>(), new EnumNameConverter<DataType>(), new EnumNameConverter<ExpertDispatch>(),
        new EnumNameConverter<InferenceEngine>(), new EnumNameConverter<KeyValueCacheType>(), new EnumNameConverter<LossKernel>(), new EnumNameConverter<ModelServerPhase>(),
        new EnumNameConverter<ModelOutputs>(), new EnumNameConverter<Normalization>(), new EnumNameConverter<Objective>(), new EnumNameConverter<OffloadTarget>(),
        new EnumNameConverter<Optimizer>(), new EnumNameConverter<OptimizerImplementation>(), new EnumNameConverter<Phase>(),
        new EnumNameConverter<PipelineSchedule>(), new EnumNameConverter<PolicyMode>(), new EnumNameConverter<Precision>(),
        new EnumNameConverter<PrefillLogits>(), new EnumNameConverter<QuantizationScheme>(), new EnumNameConverter<QueryKeyNormalization>(), new EnumNameConverter<Recompute>(),
        new EnumNameConverter<RewriteMode>(), new EnumNameConverter<RolloutEngine>(), new EnumNameConverter<Sharding>(), new EnumNameConverter<TermKind>(),
        new EnumNameConverter<Trainer>(), new EnumNameConverter<TrainingFramework>(), new EnumNameConverter<TrainingJobPhase>(),
        new EnumNameConverter<TrainingMethod>(), new EnumNameConverter<TrainingObjective>(), new EnumNameConverter<UnknownCapacity>(), new EnumNameConverter<ValueTraining>(), new EnumNameConverter<Verdict>(),
    }.ToFrozenDictionary(converter => converter.Type!);

    private static readonly FrozenDictionary<Type, JsonConverter> OrAutos = new JsonConverter[]
    {
        new NumberOrAutoConverter<int>(), new NumberOrAutoConverter<long>(), new NameOrAutoConverter<Recompute>(), new NameOrAutoConverter<Sharding>(),
    }.ToFrozenDictionary(converter => converter.Type!);

    public static IJsonTypeInfoResolver Resolver { get; } = ApiJsonContext.Default.WithAddedModifier(UseEnumNames).WithAddedModifier(PoolStrings);

    /// <summary>Reads and writes our resources and those of Kubernetes.</summary>
    public static KubernetesJson Default { get; } = new(Resolver);

    private static void UseEnumNames(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (OrAutos.TryGetValue(property.PropertyType, out var orAuto))
                property.CustomConverter = orAuto;
            else if (Nullable.GetUnderlyingType(property.PropertyType) is { IsEnum: true } name)
                property.CustomConverter = EnumNames.TryGetValue(property.PropertyType, out var converter)
                    ? converter
                    : throw new NotSupportedException($"{name.Name} is no value of a resource yet: add it to {nameof(EnumNames)}");
    }

    /// <summary>Thousands of jobs name the same models and pools, and have the same sizes.</summary>
    private static void PoolStrings(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.PropertyType == typeof(string))
                property.CustomConverter ??= new PooledStringConverter();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainingJob))]
[JsonSerializable(typeof(GpuPool))]
[JsonSerializable(typeof(InferenceManifest))]
[JsonSerializable(typeof(ModelServer))]
[JsonSerializable(typeof(OwnedReplicaSet))]
[JsonSerializable(typeof(OwnedDeployment))]
[JsonSerializable(typeof(OwnedStatefulSet))]
[JsonSerializable(typeof(OwnedJob))]
[JsonSerializable(typeof(OwnedJobSet))]
[JsonSerializable(typeof(OwnedRayCluster))]
[JsonSerializable(typeof(OwnedLeaderWorkerSet))]
[JsonSerializable(typeof(OwnedPyTorchJob))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
