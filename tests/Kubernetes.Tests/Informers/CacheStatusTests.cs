using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Informers;

public sealed class CacheStatusTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 1, 0, TimeSpan.Zero);

    [Fact]
    public void A_cache_that_is_refused_says_what_the_server_said_in_one_line() => Assert.Equal(
        "[-] waiting for nodes: the API server has not answered; nodes is forbidden: User \"x\" cannot list resource \"nodes\" (HTTP 403)",
        new CacheStatus("nodes", false, null, new KubernetesException(
            new V1Status { Code = 403, Message = "nodes is forbidden:\n User \"x\" cannot list resource \"nodes\"" })).Describe(Now));

    [Fact]
    public void A_filled_cache_says_when_the_server_was_last_heard() => Assert.Equal(
        "[+] pods: the API server was heard 60 s ago", new CacheStatus("pods", true, Now.AddMinutes(-1), null).Describe(Now));

    [Fact]
    public void A_clock_that_was_set_back_makes_no_negative_age() => Assert.Equal(
        "[+] pods: the API server was heard 0 s ago; cut off", new CacheStatus("pods", true, Now.AddMinutes(1), new HttpRequestException("cut off")).Describe(Now));

    [Fact]
    public void R24_A_cache_whose_list_was_not_streamed_says_why() => Assert.Equal(
        "[+] pods: the API server was heard 60 s ago; its stream of the list told nothing, so the list was asked for in one answer; does a proxy hold streams back?",
        new CacheStatus("pods", true, Now.AddMinutes(-1), null, StreamFellSilent: true).Describe(Now));
}
