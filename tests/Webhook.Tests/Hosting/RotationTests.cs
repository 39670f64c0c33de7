using System.Net;
using System.Text;
using GpuMem.Webhook.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Webhook.Tests.Hosting;

/// <summary>Certificates change while the API server goes on calling: two replicas, real connections, and a clock that the test moves.</summary>
public sealed class RotationTests : IAsyncLifetime
{
    private readonly InMemoryApi _api = new();

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly ApiServerCall _call;

    private readonly List<RunningHost> _replicas = [];

    public RotationTests() => _call = new ApiServerCall(_api, _clock);

    public async ValueTask InitializeAsync()
    {
        await _call.RegisterAsync();
        for (var i = 0; i < 2; i++)
        {
            var replica = await RunningHost.StartAsync(_api, clock: _clock);
            await replica.WaitForAsync("/readyz", answer => answer.Status == 200);
            _replicas.Add(replica);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task Replicas_that_are_ready_answer_with_what_every_webhook_of_both_configurations_trusts()
    {
        var bundle = Assert.Single(_call.Bundles());
        Assert.Single(ApiServerCall.Authorities(bundle));
        Assert.Equal(await _call.CertificateAsync(_replicas[0], bundle), await _call.CertificateAsync(_replicas[1], bundle));
    }

    [Trait("Fault", "C25")]
    [Fact]
    public async Task A_certificate_that_is_due_is_replaced_on_every_replica_and_its_CA_stays()
    {
        var (bundle, old) = (Assert.Single(_call.Bundles()), await ServedAsync());
        _clock.Advance(TimeSpan.FromDays(244));
        await UntilServedByAllAsync(served => served != old);
        Assert.Equal(bundle, Assert.Single(_call.Bundles()));
    }

    [Fact]
    public async Task While_the_CA_is_made_again_no_call_fails_though_the_API_server_is_a_step_behind_and_replicas_change_one_by_one()
    {
        var (bundle, old) = (Assert.Single(_call.Bundles()), await ServedAsync());
        await LoseTheCaAsync();
        await UntilServedByAllAsync(served => served != old);
        var both = Assert.Single(_call.Bundles());
        Assert.Equal(2, ApiServerCall.Authorities(both).Count);
        Assert.EndsWith(bundle, both, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_CA_is_not_trusted_for_good()
    {
        var old = await ServedAsync();
        await LoseTheCaAsync();
        await UntilServedByAllAsync(served => served != old);
        _clock.Advance(TimeSpan.FromDays(1));
        await UntilAsync(() => _call.Bundles() is [var bundle] && ApiServerCall.Authorities(bundle).Count == 1);
        await UntilServedByAllAsync(_ => true);
    }

    [Fact]
    public async Task A_Secret_that_is_deleted_is_made_again_without_a_failed_call()
    {
        var old = await ServedAsync();
        await _api.DeleteAsync<V1Secret>("gpumem-webhook-certs", "gpumem-system", CancellationToken.None);
        await UntilServedByAllAsync(served => served != old);
    }

    [Fact]
    public async Task A_connection_that_is_open_outlives_the_certificate_it_began_with()
    {
        var old = await ServedAsync();
        using var client = _call.Client(_replicas[0], Assert.Single(_call.Bundles()));
        Assert.Equal(HttpStatusCode.OK, await ApiServerCall.ReviewAsync(client));
        await LoseTheCaAsync();
        await UntilServedByAllAsync(served => served != old);
        _clock.Advance(TimeSpan.FromDays(2));
        await UntilAsync(() => _call.Bundles() is [var bundle] && ApiServerCall.Authorities(bundle).Count == 1);
        // A new connection would have to trust the new CA, and this client does not.
        Assert.Equal(HttpStatusCode.OK, await ApiServerCall.ReviewAsync(client));
    }

    [Theory]
    [InlineData("/webhooks/0/clientConfig/caBundle")]
    [InlineData("/webhooks/1/clientConfig/caBundle")]
    public async Task A_bundle_that_somebody_resets_is_written_again(string path)
    {
        var bundle = Assert.Single(_call.Bundles());
        var reset = $$"""[{"op": "add", "path": "{{path}}", "value": "{{Convert.ToBase64String(Encoding.ASCII.GetBytes("somebody's"))}}"}]""";
        await _api.PatchAsync<V1ValidatingWebhookConfiguration>("gpumem", null, new V1Patch(reset, V1Patch.PatchType.JsonPatch));
        Assert.Equal(2, _call.Bundles().Count);
        await UntilAsync(() => _call.Bundles() is [var mended] && mended == bundle);
    }

    private Task<string> ServedAsync() => _call.CertificateAsync(_replicas[0], Assert.Single(_call.Bundles()));

    /// <summary>As somebody does who restores half of a backup.</summary>
    private async Task LoseTheCaAsync() =>
        await _api.PatchAsync<V1Secret>("gpumem-webhook-certs", "gpumem-system", new V1Patch("""{"data": {"ca.key": null, "tls.key": null}}""", V1Patch.PatchType.MergePatch));

    /// <summary>Each connection trusts the bundles of a second before, and has to succeed: an API server that has not heard yet.</summary>
    private async Task UntilServedByAllAsync(Func<string, bool> wanted)
    {
        var bundles = _call.Bundles();
        await UntilAsync(async () =>
        {
            List<string> served = [];
            foreach (var bundle in bundles)
                foreach (var replica in _replicas)
                    served.Add(await _call.CertificateAsync(replica, bundle));
            bundles = _call.Bundles();
            return served.All(wanted) && served.Distinct().Count() == 1;
        });
    }

    private Task UntilAsync(Func<bool> condition) => UntilAsync(async () => condition() & (await _replicas[0].ProbeAsync("/healthz")).Status == 200);

    /// <summary>A second passes between two looks.</summary>
    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
