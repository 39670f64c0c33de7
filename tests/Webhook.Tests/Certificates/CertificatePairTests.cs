using System.Security.Cryptography.X509Certificates;
using GpuMem.Webhook.Certificates;

namespace GpuMem.Webhook.Tests.Certificates;

public sealed class CertificatePairTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Hosts = ["gpumem-webhook.gpumem-system.svc", "gpumem-webhook.gpumem-system.svc.cluster.local", "10.0.0.1"];

    private static readonly CertificateProfile Profile = new(Hosts, TimeSpan.FromDays(365));

    private readonly CertificatePair _pair = CertificatePair.Create(Profile, Now);

    [Fact]
    public void A_new_pair_is_usable_for_its_hosts()
    {
        Assert.True(_pair.IsUsable(Profile, Now));
        using var serving = X509Certificate2.CreateFromPem(_pair.Certificate, _pair.Key);
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

    [Trait("Fault", "C25")]
    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(240, true)]
    [InlineData(250, false)]
    [InlineData(365, false)]
    [InlineData(4000, false)]
    public void It_is_usable_from_its_first_day_until_two_thirds_of_its_life_are_over(int days, bool usable) =>
        Assert.Equal(usable, _pair.IsUsable(Profile, Now.AddDays(days)));

    [Fact]
    public void A_host_that_it_does_not_cover_makes_it_useless() =>
        Assert.False(_pair.IsUsable(Profile with { Hosts = [.. Hosts, "webhook.example.com"] }, Now));

    [Fact]
    public void A_CA_that_only_has_the_same_name_makes_it_useless() =>
        Assert.False((_pair with { CaCertificates = CertificatePair.Create(Profile, Now).CaCertificates }).IsUsable(Profile, Now));

    [Fact]
    public void Another_pairs_key_makes_it_useless() =>
        Assert.False((_pair with { Key = CertificatePair.Create(Profile, Now).Key }).IsUsable(Profile, Now));

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void Text_that_is_no_certificate_makes_it_useless(string text)
    {
        Assert.False((_pair with { CaCertificates = text }).IsUsable(Profile, Now));
        Assert.False((_pair with { Certificate = text }).IsUsable(Profile, Now));
        Assert.False((_pair with { Key = text }).IsUsable(Profile, Now));
    }

    [Fact]
    public void Its_successor_is_signed_by_the_same_CA()
    {
        var later = Now.AddDays(300);
        var next = _pair.Next(Profile, later);
        Assert.True(next.IsUsable(Profile, later));
        Assert.Equal(_pair.CaCertificates, next.CaCertificates);
        Assert.NotEqual(_pair.Certificate, next.Certificate);
        Assert.NotEqual(_pair.Key, next.Key);
    }

    [Fact]
    public void What_is_not_due_is_its_own_successor() => Assert.Same(_pair, _pair.Next(Profile, Now.AddDays(240)));

    [Trait("Fault", "C25")]
    [Theory]
    [InlineData(2430, true)]
    [InlineData(2440, false)]
    [InlineData(-100, false)]
    public void A_CA_of_which_two_thirds_are_over_or_that_is_not_valid_yet_is_made_again_too(int days, bool same)
    {
        var then = Now.AddDays(days);
        var next = _pair.Next(Profile, then);
        Assert.True(next.IsUsable(Profile, then));
        Assert.Equal(same, Ca(_pair) == Ca(next));
    }

    [Fact]
    public void Beside_a_new_CA_the_one_before_stays_trusted_for_a_day_and_no_longer()
    {
        var next = (_pair with { CaKey = "", Key = "" }).Next(Profile, Now.AddDays(10));
        Assert.Equal([Ca(next), Ca(_pair)], Cas(next));
        Assert.True(_pair.IsTrustedLike(next, Now.AddDays(10)));
        Assert.False(next.IsTrustedLike(_pair, Now.AddDays(10)));
        Assert.Same(next, next.Next(Profile, Now.AddDays(10.9)));
        var alone = next.Next(Profile, Now.AddDays(11.1));
        Assert.Equal([Ca(next)], Cas(alone));
        Assert.Equal((next.Certificate, next.Key), (alone.Certificate, alone.Key));
    }

    [Fact]
    public void However_often_the_CA_is_made_again_the_bundle_stays_short()
    {
        var pair = _pair;
        for (var i = 0; i < 10; i++)
            pair = (pair with { CaKey = "", Key = "" }).Next(Profile, Now.AddMinutes(i));
        Assert.Equal(3, Cas(pair).Length);
    }

    [Fact]
    public void A_CA_that_has_ended_is_not_trusted_beside_a_new_one() => Assert.Single(Cas(_pair.Next(Profile, Now.AddDays(4000))));

    [Fact]
    public void Of_a_lost_pair_what_was_trusted_may_be_told_by_who_serves_it()
    {
        var next = (_pair with { CaCertificates = "garbage", CaKey = "" }).Next(Profile, Now, _pair.CaCertificates);
        Assert.Equal([Ca(next), Ca(_pair)], Cas(next));
    }

    [Fact]
    public void Nothing_it_makes_lives_longer_than_its_CA_or_began_before_it()
    {
        var brief = Profile with { Lifetime = TimeSpan.FromSeconds(60) };
        var pair = CertificatePair.Create(brief, Now);
        for (var now = Now; now < Now.AddSeconds(1200); now += TimeSpan.FromSeconds(7))
        {
            pair = pair.Next(brief, now);
            Assert.True(pair.IsUsable(brief, now));
            using var ca = X509Certificate2.CreateFromPem(pair.CaCertificates);
            using var serving = X509Certificate2.CreateFromPem(pair.Certificate);
            Assert.True(ca.NotBefore <= serving.NotBefore && serving.NotAfter <= ca.NotAfter);
        }
    }

    [Fact]
    public void A_CA_whose_key_is_lost_is_made_again_too()
    {
        var next = (_pair with { CaKey = "garbage", Key = "" }).Next(Profile, Now);
        var other = (_pair with { CaKey = CertificatePair.Create(Profile, Now).CaKey, Key = "" }).Next(Profile, Now);
        Assert.True(other.IsUsable(Profile, Now));
        Assert.True(next.IsUsable(Profile, Now));
        Assert.NotEqual(_pair.CaCertificates, next.CaCertificates);
    }

    [Fact]
    public void The_serving_certificate_cannot_sign_others()
    {
        using var serving = X509Certificate2.CreateFromPem(_pair.Certificate, _pair.Key);
        Assert.False(serving.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    private static string[] Cas(CertificatePair pair)
    {
        X509Certificate2Collection found = [];
        found.ImportFromPem(pair.CaCertificates);
        return [.. found.Select(ca => ca.Thumbprint)];
    }

    private static string Ca(CertificatePair pair) => Cas(pair)[0];
}
