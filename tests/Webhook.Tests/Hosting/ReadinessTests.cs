using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hosting;

public sealed class ReadinessTests
{
    private readonly InMemoryApi _api = new();

    [Fact]
    public async Task A_process_that_waits_says_for_what_and_is_alive()
    {
        _api.OnCall = call => Refuse(call, "list nodes");
        await using var host = await RunningHost.StartAsync(_api);
        var text = await host.WaitForAsync("/readyz", answer => answer.Text.Contains("caches", StringComparison.Ordinal)
            && answer.Text.Contains("[+] trainingjobs: the API server was heard ", StringComparison.Ordinal));
        Assert.StartsWith("waiting for the caches of nodes, pools, jobs and servers\n[-] waiting for nodes: ", text, StringComparison.Ordinal);
        Assert.Contains("(HTTP 403)", text, StringComparison.Ordinal);
        Assert.Equal(503, (await host.ProbeAsync("/readyz")).Status);
        Assert.Equal((200, "ok\n"), await host.ProbeAsync("/healthz"));
    }

    [Fact]
    public async Task Without_the_right_to_the_Secret_it_waits_for_the_certificate()
    {
        _api.OnCall = call => Refuse(call, "secrets");
        await using var host = await RunningHost.StartAsync(_api);
        await host.WaitForAsync("/readyz", answer => answer.Text.StartsWith("waiting for the certificate\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_ready_once_it_has_certificate_caches_and_a_request_behind_it()
    {
        await using var host = await RunningHost.StartAsync(_api);
        Assert.Equal("ok\n", await host.WaitForAsync("/readyz", answer => answer.Status == 200));
        Assert.Contains("[+] nodes: the API server was heard ", (await host.ProbeAsync("/readyz?verbose")).Text, StringComparison.Ordinal);
        Assert.NotNull(_api.Raw<V1Secret>("gpumem-webhook-certs", "gpumem-system"));
    }

    [Fact]
    public async Task Told_to_stop_it_fails_its_readiness_and_goes_on_serving_for_the_delay()
    {
        await using var host = await RunningHost.StartAsync(_api, RunningHost.Options with { ShutdownDelay = TimeSpan.FromDays(1) });
        await host.WaitForAsync("/readyz", answer => answer.Status == 200);
        using CancellationTokenSource endOfPatience = new();
        var stopping = host.App.StopAsync(endOfPatience.Token);
        Assert.Contains("stopping", await host.WaitForAsync("/readyz", answer => answer.Status == 503));
        using var answer = await host.Probes.GetAsync(new Uri("/healthz", UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode);
        Assert.True(answer.Headers.ConnectionClose);
        await endOfPatience.CancelAsync();
        await stopping;
    }

    [Fact]
    public void Once_stopping_nothing_makes_it_ready_again()
    {
        var readiness = new Readiness();
        readiness.Stopping();
        readiness.Ready();
        readiness.Waiting("the caches");
        Assert.Equal("nothing: stopping", readiness.WaitingFor);
    }

    private static void Refuse(string call, string what)
    {
        if (call.Contains(what, StringComparison.Ordinal))
            throw InMemoryApi.Refusal(403, "Forbidden");
    }
}
