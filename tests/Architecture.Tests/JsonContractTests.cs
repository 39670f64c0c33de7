using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using k8s.Models;

namespace GpuMem.Architecture.Tests;

/// <summary>A pruned contract must never serve a write: what it leaves out would be deleted from the object.</summary>
public sealed class JsonContractTests
{
    public static TheoryData<Type> Written => new(
        typeof(TrainingJob), typeof(ModelServer), typeof(GpuPool), typeof(V1Pod), typeof(V1PodTemplateSpec), typeof(V1Node), typeof(V1Job), typeof(V1Service), typeof(V1Secret),
        typeof(V1ConfigMap), typeof(V1Namespace), typeof(V1Lease), typeof(Eventsv1Event), typeof(V1SubjectAccessReview),
        typeof(V1ValidatingWebhookConfiguration), typeof(V1MutatingWebhookConfiguration));

    [Theory]
    [MemberData(nameof(Written))]
    public void The_contract_for_writing_has_every_member(Type kind)
    {
        HashSet<Type> seen = [];
        AssertWhole(Info(nameof(KubernetesJsonOf.Writing), kind), seen);
        Assert.NotEmpty(seen);
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void The_contract_for_reading_writes_nothing(Type kind) =>
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(Activator.CreateInstance(kind), Info(nameof(KubernetesJsonOf.Reading), kind)));

    [Fact]
    public void The_contract_of_decisions_writes_nothing()
    {
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new V1Pod(), PodContract.Pod));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new V1PodSpec(), PodContract.Spec));
    }

    [Fact]
    public void A_lease_which_is_replaced_as_a_whole_is_read_as_a_whole() =>
        Assert.Equal(Members(Info(nameof(KubernetesJsonOf.Writing), typeof(V1LeaseSpec))), Members(Info(nameof(KubernetesJsonOf.Reading), typeof(V1LeaseSpec))));

    private static void AssertWhole(JsonTypeInfo type, HashSet<Type> seen)
    {
        if (type.Kind != JsonTypeInfoKind.Object || !seen.Add(type.Type))
            return;
        var members = type.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.SetMethod?.IsPublic == true).ToList();
        Assert.True(type.Properties.Count >= members.Count, $"{type.Type.Name} is written without some of its members");
        foreach (var property in type.Properties)
            AssertWhole(type.Options.GetTypeInfo(property.PropertyType), seen);
    }

    private static IEnumerable<string> Members(JsonTypeInfo type) => type.Properties.Select(property => property.Name).Order(StringComparer.Ordinal);

    private static JsonTypeInfo Info(string contract, Type kind) =>
        (JsonTypeInfo)typeof(KubernetesJsonOf).GetMethod(contract)!.MakeGenericMethod(kind).Invoke(null, null)!;

    private static class KubernetesJsonOf
    {
        public static JsonTypeInfo<T> Reading<T>() => ApiJson.Default.ReadInfo<T>();

        public static JsonTypeInfo<T> Writing<T>() => ApiJson.Default.WriteInfo<T>();
    }
}
