using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Webhook.Endpoints;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hosting;

/// <summary>The real listener with room for one review of half a megabyte, so that what others hold is felt.</summary>
public sealed class LargeReviewTests : IAsyncLifetime
{
    private const int Room = 1 << 20;

    private RunningHost _host = null!;

    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RunningHost.StartAsync(new InMemoryApi(), RunningHost.Options with { MaxReviewBytesAtOnce = Room });
        await _host.WaitForAsync("/readyz", answer => answer.Status == 200);
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = AnyCertificate() }) { BaseAddress = _host.Https };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("/validate-pod", false)]
    [InlineData("/validate-pod", true)]
    [InlineData("/mutate-pod", false)]
    public async Task A_pod_beyond_the_budget_is_admitted_with_a_warning_and_a_429_in_the_review(string path, bool chunked)
    {
        var answer = await ReviewAsync(path, Pod(2 * Room), chunked);
        Assert.Equal((Review.Uid, true, 429), ((string?)answer["uid"], (bool)answer["allowed"]!, (int)answer["status"]!["code"]!));
        Assert.Contains("too many large reviews", (string?)answer["warnings"]![0]);
        Assert.False(answer.ContainsKey("patch"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_TrainingJob_beyond_the_budget_is_denied_with_a_429(bool chunked)
    {
        var job = Review.OfJob(Review.Job($$"""{"note": "{{new string('x', 2 * Room)}}"}"""));
        var answer = await ReviewAsync("/validate-trainingjob", job, chunked);
        Assert.Equal((Review.Uid, false, 429), ((string?)answer["uid"], (bool)answer["allowed"]!, (int)answer["status"]!["code"]!));
        Assert.Contains("try again", (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task A_review_whose_uid_comes_last_gets_a_plain_429()
    {
        var review = JsonNode.Parse(Pod(2 * Room))!;
        review["request"]!.AsObject().Remove("uid");
        review["request"]!["uid"] = Review.Uid;
        using var answer = await PostAsync("/validate-pod", review.ToJsonString());
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Contains("try again", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_one_review_holds_no_other_gets_and_everybody_gets_once_it_is_answered()
    {
        var large = Encoding.UTF8.GetBytes(Pod(Room / 3));
        await using var slow = await ConnectAsync();
        await slow.WriteAsync(Encoding.ASCII.GetBytes($"POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {large.Length}\r\n\r\n"));
        await slow.WriteAsync(large.AsMemory(0, large.Length - 1));
        await slow.FlushAsync();
        // It has arrived when another of its size is refused.
        while (!(await ReviewAsync("/validate-pod", Pod(Room / 3))).ContainsKey("status"))
        {
        }
        Assert.False((await ReviewAsync("/validate-pod", Pod(ReviewBody.AlwaysRead / 2))).ContainsKey("status"));
        await slow.WriteAsync(large.AsMemory(large.Length - 1));
        using var reader = new StreamReader(slow);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
        Assert.False((await ReviewAsync("/validate-pod", Pod(Room / 3))).ContainsKey("status"));
    }

    [Fact]
    public async Task A_header_alone_takes_nothing_from_others()
    {
        await using var announced = await ConnectAsync();
        await announced.WriteAsync(Encoding.ASCII.GetBytes($"POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Room}\r\n\r\n"));
        await announced.FlushAsync();
        Assert.False((await ReviewAsync("/validate-pod", Pod(Room / 3))).ContainsKey("status"));
    }

    [Fact]
    public async Task Many_at_once_all_get_a_review_of_their_own()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number =>
            ReviewAsync("/validate-pod", Pod(Room / 4).Replace(Review.Uid, $"uid-{number}", StringComparison.Ordinal))));
        Assert.All(answers, answer => Assert.True((bool)answer["allowed"]!));
        Assert.Equal(answers.Length, answers.Select(answer => (string?)answer["uid"]).Distinct().Count());
        Assert.False((await ReviewAsync("/validate-pod", Pod(Room / 3))).ContainsKey("status"));
    }

    [Theory]
    [InlineData("/validate-pod")]
    [InlineData("/mutate-pod")]
    [InlineData("/validate-trainingjob")]
    public async Task No_review_is_answered_on_the_port_of_the_probes(string path)
    {
        using var answer = await _host.Probes.PostAsync(new Uri(path, UriKind.Relative), Content(Pod(100)));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task No_probe_is_answered_on_the_port_of_the_API_server(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.NotEqual(404, (await _host.ProbeAsync(path)).Status);
    }

    private static string Pod(int size) => Review.OfPod($$$$"""{"metadata": {"annotations": {"a": "{{{{new string('x', size)}}}}"}}}""");

    private static StringContent Content(string review) => new(review, Encoding.UTF8, "application/json");

    private static SslClientAuthenticationOptions AnyCertificate() => new()
    {
        TargetHost = "gpumem-webhook.gpumem-system.svc",
#pragma warning disable CA5359 // ListenerTests are about certificates.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private async Task<HttpResponseMessage> PostAsync(string path, string review, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Content(review) };
        request.Headers.TransferEncodingChunked = chunked;
        return await _http.SendAsync(request);
    }

    private async Task<JsonObject> ReviewAsync(string path, string review, bool chunked = false)
    {
        using var answer = await PostAsync(path, review, chunked);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!["response"]!.AsObject();
    }

    private async Task<SslStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _host.Https.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(AnyCertificate());
        return stream;
    }
}
