using System.Net;
using System.Net.Security;
using System.Text;
using GpuMem.Webhook.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Webhook.Tests.Hosting;

/// <summary>What happens to the connections that an API server keeps open.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly InMemoryApi _api = new();

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private ApiServerCall _call = null!;

    private RunningHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _call = new ApiServerCall(_api, _clock);
        await _call.RegisterAsync();
        _host = await RunningHost.StartAsync(_api, RunningHost.Options with { ShutdownDelay = TimeSpan.FromDays(1) }, _clock);
        await _host.WaitForAsync("/readyz", answer => answer.Status == 200);
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task After_half_a_minute_at_most_the_next_answer_is_the_last_one_and_the_next_connection_works()
    {
        using var client = _call.Client(_host, _call.Bundles()[0]);
        Assert.False(await IsLastAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(await IsLastAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(22));
        Assert.True(await IsLastAsync(client));
        Assert.False(await IsLastAsync(client));
    }

    [Fact]
    public async Task Told_to_stop_it_answers_on_old_connections_and_new_ones_for_the_last_time()
    {
        using var client = _call.Client(_host, _call.Bundles()[0]);
        Assert.False(await IsLastAsync(client));
        var stopping = _host.App.StopAsync();
        await _host.WaitForAsync("/readyz", answer => answer.Status == 503);
        Assert.True(await IsLastAsync(client));
        Assert.True(await IsLastAsync(client));
        _clock.Advance(TimeSpan.FromDays(1));
        await stopping;
    }

    [Fact]
    public async Task A_review_that_has_begun_when_it_stops_is_answered()
    {
        await using var connection = await _call.ConnectAsync(_host, _call.Bundles()[0]);
        var review = Encoding.UTF8.GetBytes(Review.OfPod(Review.Pod(null)));
        await connection.WriteAsync(Encoding.ASCII.GetBytes($"POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {review.Length}\r\nExpect: 100-continue\r\n\r\n"));
        using StreamReader reader = new(connection);
        // It is being read, then.
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        var stopping = _host.App.StopAsync();
        await _host.WaitForAsync("/readyz", answer => answer.Status == 503);
        _clock.Advance(TimeSpan.FromDays(1));
        await UntilRefusedAsync();
        await connection.WriteAsync(review);
        Assert.Equal("", await reader.ReadLineAsync());
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
        Assert.Contains(Review.Uid, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        await stopping;
    }

    /// <summary>Until nobody listens any more.</summary>
    private async Task UntilRefusedAsync()
    {
        while (true)
        {
            try
            {
                await using SslStream another = await _call.ConnectAsync(_host, _call.Bundles()[0]);
            }
            catch (Exception refused) when (refused is System.Net.Sockets.SocketException or IOException)
            {
                return;
            }
        }
    }

    private static async Task<bool> IsLastAsync(HttpClient client)
    {
        using var content = new StringContent(Review.OfPod(Review.Pod(null)), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/validate-pod", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await answer.Content.ReadAsStringAsync();
        return answer.Headers.ConnectionClose == true;
    }
}
