using System.Text;
using System.Text.Json;

namespace GpuMem.Kubernetes.Tests.Models;

public sealed class NullItemTests
{
    [Theory]
    [InlineData("""{"metadata":{"ownerReferences":[{"kind":"Job"},null]}}""", "ownerReferences")]
    [InlineData("""{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","values":["x",null]}]}]}}}}}""", "values")]
    [InlineData("""{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[null]}]}}}}}""", "matchExpressions")]
    public void A_list_with_a_null_in_it_is_not_read_and_the_reason_names_it(string pod, string list)
    {
        JsonException error = Assert.Throws<JsonException>(() => Read(pod));
        Assert.Contains($"{list}: a list must have no null in it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spec":{"containers":null}}""")]
    [InlineData("""{"spec":{"containers":[]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":null}]}}""")]
    [InlineData("""{"spec":{"containers":[null,{"name":"a","command":["x",null]}]}}""")]
    public void A_list_that_is_null_or_empty_is_and_so_are_containers_that_somebody_left_empty(string pod) => Assert.NotNull(Read(pod).Spec);

    private static V1Pod Read(string pod) => KubernetesJson.Default.Deserialize<V1Pod>(Encoding.UTF8.GetBytes(pod))!;
}
