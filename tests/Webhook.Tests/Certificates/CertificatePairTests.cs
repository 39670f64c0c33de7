using System.Security.Cryptography.X509Certificates;
using GpuMem.Webhook.Certificates;

namespace GpuMem.Webhook.Tests.Certificates;

public sealed class CertificatePairTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Hosts = ["gpumem-webhook.gpumem-system.svc", "gpumem-webhook.gpumem-system.svc.cluster.local", "10.0.0.1"];

    private readonly CertificatePair _pair = CertificatePair.Create(Hosts, Now);

    [Fact]
    public void A_new_pair_is_usable_for_its_hosts()
    {
        Assert.True(_pair.IsUsable(Hosts, Now));
        using var serving = _pair.ToServingCertificate();
        Assert.True(serving.HasPrivateKey);
        Assert.All(Hosts, host => Assert.True(serving.MatchesHostname(host)));
        Assert.False(serving.MatchesHostname("gpumem-webhook.other.svc"));
    }

    [Fact]
    public void The_names_of_the_service_come_from_the_options()
    {
        var options = new WebhookOptions { Namespace = "ns", ServiceName = "svc", ExtraHosts = ["127.0.0.1"] };
        Assert.Contains("svc.ns.svc", options.HostNames);
        Assert.Contains("svc.ns.svc.cluster.local", options.HostNames);
        Assert.Contains("127.0.0.1", options.HostNames);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(240, true)]
    [InlineData(250, false)]
    [InlineData(365, false)]
    [InlineData(4000, false)]
    public void It_is_usable_from_its_first_day_until_two_thirds_of_its_life_are_over(int days, bool usable) =>
        Assert.Equal(usable, _pair.IsUsable(Hosts, Now.AddDays(days)));

    [Fact]
    public void A_host_that_it_does_not_cover_makes_it_useless() =>
        Assert.False(_pair.IsUsable([.. Hosts, "webhook.example.com"], Now));

    [Fact]
    public void A_CA_that_only_has_the_same_name_makes_it_useless() =>
        Assert.False((_pair with { CaCertificate = CertificatePair.Create(Hosts, Now).CaCertificate }).IsUsable(Hosts, Now));

    [Fact]
    public void Another_pairs_key_makes_it_useless() =>
        Assert.False((_pair with { Key = CertificatePair.Create(Hosts, Now).Key }).IsUsable(Hosts, Now));

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void Text_that_is_no_certificate_makes_it_useless(string text)
    {
        Assert.False((_pair with { CaCertificate = text }).IsUsable(Hosts, Now));
        Assert.False((_pair with { Certificate = text }).IsUsable(Hosts, Now));
        Assert.False((_pair with { Key = text }).IsUsable(Hosts, Now));
    }

    [Fact]
    public void Its_successor_is_signed_by_the_same_CA()
    {
        var later = Now.AddDays(300);
        var next = _pair.Renew(Hosts, later);
        Assert.True(next.IsUsable(Hosts, later));
        Assert.Equal(_pair.CaCertificate, next.CaCertificate);
        Assert.NotEqual(_pair.Certificate, next.Certificate);
        Assert.NotEqual(_pair.Key, next.Key);
    }

    [Theory]
    [InlineData(3400)]
    [InlineData(-100)]
    public void A_CA_that_does_not_live_long_enough_or_not_yet_is_made_again_too(int days)
    {
        var then = Now.AddDays(days);
        var next = _pair.Renew(Hosts, then);
        Assert.True(next.IsUsable(Hosts, then));
        Assert.NotEqual(_pair.CaCertificate, next.CaCertificate);
    }

    [Fact]
    public void A_CA_whose_key_is_lost_is_made_again_too()
    {
        var next = (_pair with { CaKey = "garbage" }).Renew(Hosts, Now);
        var other = (_pair with { CaKey = CertificatePair.Create(Hosts, Now).CaKey }).Renew(Hosts, Now);
        Assert.True(other.IsUsable(Hosts, Now));
        Assert.True(next.IsUsable(Hosts, Now));
        Assert.NotEqual(_pair.CaCertificate, next.CaCertificate);
    }

    [Fact]
    public void The_serving_certificate_cannot_sign_others()
    {
        using var serving = _pair.ToServingCertificate();
        Assert.False(serving.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }
}
