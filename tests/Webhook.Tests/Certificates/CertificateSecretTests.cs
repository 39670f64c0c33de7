using System.Text;
using GpuMem.Webhook.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Webhook.Tests.Certificates;

public sealed class CertificateSecretTests
{
    private static readonly WebhookOptions Options = new() { Namespace = "gpumem-system" };

    private readonly InMemoryApi _api = new();

    private readonly SettableClock _clock = new();

    [Fact]
    public async Task The_first_replica_makes_it_and_the_second_takes_it()
    {
        var first = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        Assert.Equal(first, await Replica().GetOrCreateAsync(null, CancellationToken.None));
        Assert.Equal(["create secrets gpumem-system/gpumem-webhook-certs"], _api.Writes);
        Assert.True(first.IsUsable(Options.Certificate, _clock.Now));
    }

    [Fact]
    public async Task Of_two_replicas_that_race_to_create_it_one_takes_what_the_other_made()
    {
        var theirs = Meanwhile("create secrets", () => Replica().GetOrCreateAsync(null, CancellationToken.None));
        Assert.Equal(await Replica().GetOrCreateAsync(null, CancellationToken.None), await theirs());
    }

    [Fact]
    public async Task Of_two_replicas_that_race_to_renew_it_one_takes_what_the_other_made()
    {
        await Replica().GetOrCreateAsync(null, CancellationToken.None);
        _clock.Now += TimeSpan.FromDays(300);
        var theirs = Meanwhile("patch secrets", () => Replica().GetOrCreateAsync(null, CancellationToken.None));
        Assert.Equal(await Replica().GetOrCreateAsync(null, CancellationToken.None), await theirs());
        Assert.Equal(3, _api.Writes.Count);
    }

    [Fact]
    public async Task One_that_is_due_is_renewed_with_the_same_CA()
    {
        var old = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        _clock.Now += TimeSpan.FromDays(300);
        var renewed = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        Assert.True(renewed.IsUsable(Options.Certificate, _clock.Now));
        Assert.Equal(old.CaCertificates, renewed.CaCertificates);
    }

    [Fact]
    public async Task A_Secret_that_was_deleted_is_made_again_and_all_replicas_agree_on_it()
    {
        var old = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        await _api.DeleteAsync<V1Secret>(Options.SecretName, Options.Namespace, CancellationToken.None);
        var made = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        Assert.NotEqual(old, made);
        Assert.Equal(made, await Replica().GetOrCreateAsync(null, CancellationToken.None));
    }

    [Theory]
    [InlineData("tls.key")]
    [InlineData("ca.crt")]
    public async Task A_Secret_that_somebody_damaged_is_mended_and_keeps_what_else_is_in_it(string member)
    {
        await Replica().GetOrCreateAsync(null, CancellationToken.None);
        await PatchAsync($$"""{"data": {"{{member}}": "AAAA", "theirs": "AAAA"} }""");
        var mended = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        Assert.True(mended.IsUsable(Options.Certificate, _clock.Now));
        Assert.NotNull(_api.Raw<V1Secret>(Options.SecretName, Options.Namespace)!["data"]!["theirs"]);
    }

    [Theory]
    [InlineData("tls.crt")]
    [InlineData("tls.key")]
    public async Task Of_a_Secret_written_by_halves_the_CA_signs_again(string missing)
    {
        var old = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        await PatchAsync($$"""{"data": {"{{missing}}": null} }""");
        Assert.Equal(old.CaCertificates, (await Replica().GetOrCreateAsync(null, CancellationToken.None)).CaCertificates);
    }

    [Fact]
    public async Task A_key_beside_another_pairs_certificate_is_not_served()
    {
        var old = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        var other = CertificatePair.Create(Options.Certificate, _clock.Now);
        await PatchAsync($$"""{"data": {"tls.key": "{{Convert.ToBase64String(Encoding.ASCII.GetBytes(other.Key))}}"} }""");
        var mended = await Replica().GetOrCreateAsync(old, CancellationToken.None);
        Assert.True(mended.IsUsable(Options.Certificate, _clock.Now));
        Assert.Equal(old.CaCertificates, mended.CaCertificates);
    }

    [Theory]
    [InlineData("""{"data": {"ca.key": null} }""")]
    [InlineData("""{"data": {"ca.crt": "AAAA", "ca.key": "AAAA"} }""")]
    [InlineData("""{"data": null}""")]
    public async Task Where_the_CA_is_lost_the_next_one_stands_beside_the_one_that_is_served(string damage)
    {
        var served = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        await PatchAsync(damage);
        await PatchAsync("""{"data": {"tls.key": null} }""");
        var next = await Replica().GetOrCreateAsync(served, CancellationToken.None);
        Assert.True(next.IsUsable(Options.Certificate, _clock.Now));
        Assert.NotEqual(served.CaCertificates, next.CaCertificates);
        Assert.EndsWith(served.CaCertificates, next.CaCertificates, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Secret_that_the_chart_made_empty_is_filled()
    {
        await _api.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = Options.SecretName, NamespaceProperty = Options.Namespace } }, CancellationToken.None);
        var made = await Replica().GetOrCreateAsync(null, CancellationToken.None);
        Assert.Equal(made.Certificate, Encoding.ASCII.GetString(Convert.FromBase64String((string)_api.Raw<V1Secret>(Options.SecretName, Options.Namespace)!["data"]!["tls.crt"]!)));
    }

    private CertificateSecret Replica() => new(_api, Options, _clock, NullLogger<CertificateSecret>.Instance);

    private Task<V1Secret> PatchAsync(string patch) =>
        _api.PatchAsync<V1Secret>(Options.SecretName, Options.Namespace, new V1Patch(patch, V1Patch.PatchType.MergePatch));

    /// <summary>Lets somebody else finish the same work just before the first such call.</summary>
    private Func<Task<T>> Meanwhile<T>(string call, Func<Task<T>> others)
    {
        Task<T>? done = null;
        _api.OnCall = now =>
        {
            if (done is not null || !now.StartsWith(call, StringComparison.Ordinal))
                return;
            _api.OnCall = _ => { };
            done = others();
        };
        return () => done!;
    }
}
