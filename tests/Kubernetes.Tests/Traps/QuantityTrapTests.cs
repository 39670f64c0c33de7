using System.Text;
using System.Text.Json.Nodes;

namespace GpuMem.Kubernetes.Tests.Traps;

/// <summary>
/// Quantities that the package KubernetesClient rounds down, prints beyond recognition or reads for ever (findings/quantity-*.sh), as
/// they come and go inside an object. Parsing and printing on their own: <see cref="Models.ResourceQuantityTests"/>.
/// </summary>
public sealed class QuantityTrapTests
{
    [Theory]
    [InlineData("100m", "100m", 1)]
    [InlineData("0.1Gi", "107374182400m", 107374183)]
    [InlineData("-1", "-1", -1)]
    [InlineData("-1Gi", "-1Gi", -1073741824)]
    [InlineData("-100m", "-100m", -1)]
    [InlineData("1500e-3", "1500e-3", 2)]
    public void A_quantity_in_an_object_is_written_as_the_server_writes_it_and_rounded_as_the_scheduler_does(string text, string written, long value)
    {
        V1Pod pod = KubernetesJson.Default.Deserialize<V1Pod>(Encoding.UTF8.GetBytes(PodWith(text)))!;
        Assert.Equal(value, pod.Spec!.Containers![0].Resources!.Limits!["memory"].Value());
        JsonNode back = JsonNode.Parse(KubernetesJson.Default.Serialize(pod))!;
        Assert.Equal(written, back["spec"]!["containers"]![0]!["resources"]!["limits"]!["memory"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("1e10000000")]
    [InlineData("-1e10000000")]
    [InlineData("1e2147483647")]
    [InlineData("1,000")]
    public async Task A_quantity_that_the_server_would_not_have_taken_is_named_at_once_and_hides_no_other_object(string text)
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        using KubernetesClient client = api.Client();
        Task<EntityList<V1Pod>> list = client.ListAsync<V1Pod>();
        await (await api.NextAsync()).ReplyListAsync("9", null, PodWith(text), Json.Pod("b", "2"));
        Assert.Equal("b", Assert.Single((await list).Items).Name());
        UnreadableEntity unreadable = Assert.Single((await list).Unreadable);
        Assert.Equal("default/a", unreadable.Name.ToString());
        Assert.Contains($"'{text}' is not a quantity", unreadable.Reason, StringComparison.Ordinal);
    }

    private static string PodWith(string memory) =>
        $$$$$"""{"metadata":{"name":"a","namespace":"default"},"spec":{"containers":[{"name":"c","resources":{"limits":{"memory":"{{{{{memory}}}}}"}}}]}}""";
}
