using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuMem.TestKit.Faults;

namespace GpuMem.Cluster.Tests.Faults;

public sealed class FaultProxyTests : IDisposable
{
    private readonly Echo _echo = new();

    private readonly FaultProxy _proxy;

    public FaultProxyTests() => _proxy = new FaultProxy(_echo.Port);

    public void Dispose()
    {
        _proxy.Dispose();
        _echo.Dispose();
    }

    [Fact]
    public async Task Without_a_fault_everything_passes()
    {
        using var client = await ConnectAsync();

        Assert.Equal("hello", await AskAsync(client, "hello"));
    }

    [Fact]
    public async Task It_refuses_until_it_no_longer_does()
    {
        _proxy.Refuse = true;
        var refused = await Assert.ThrowsAsync<SocketException>(ConnectAsync);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        _proxy.Refuse = false;

        using var client = await ConnectAsync();
        Assert.Equal("hello", await AskAsync(client, "hello"));
    }

    [Fact]
    public async Task In_a_black_hole_bytes_wait_and_come_out_when_it_closes()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, "before");
        _proxy.Blackhole = true;

        var answer = AskAsync(client, "hello");
        Assert.False(answer.IsCompleted);
        _proxy.Blackhole = false;

        Assert.Equal("hello", await answer);
    }

    [Fact]
    public async Task A_reset_is_seen_as_one()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, "before");

        _proxy.Reset();

        var broken = await Assert.ThrowsAsync<IOException>(async () => await client.GetStream().ReadExactlyAsync(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(broken.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task A_half_closed_connection_ends_for_the_client_only()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, "before");

        _proxy.HalfClose();

        await Assert.ThrowsAsync<EndOfStreamException>(async () => await client.GetStream().ReadExactlyAsync(new byte[1]));
        await client.GetStream().WriteAsync(new byte[1]);
        Assert.Equal(1, _proxy.Connections);
    }

    [Fact]
    public async Task It_cuts_after_so_many_bytes()
    {
        _proxy.CutAfter = 3;
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync("hello"u8.ToArray());

        using var answer = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(answer);
        }
        catch (IOException)
        {
        }

        Assert.Equal("hel", Encoding.UTF8.GetString(answer.ToArray()));
    }

    [Fact]
    public async Task A_delay_and_a_byte_rate_take_at_least_their_time()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, "before");
        var watch = Stopwatch.StartNew();

        _proxy.Delay = TimeSpan.FromMilliseconds(50);
        await AskAsync(client, "delayed");
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(99), $"there and back in {watch.Elapsed}");

        _proxy.Delay = TimeSpan.Zero;
        _proxy.BytesPerSecond = 100;
        await AskAsync(client, "0123456789");
        watch.Restart();
        await AskAsync(client, "0123456789");
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(90), $"ten bytes in {watch.Elapsed}");
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return client;
    }

    private static async Task<string> AskAsync(TcpClient client, string text)
    {
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
        var answer = new byte[text.Length];
        await client.GetStream().ReadExactlyAsync(answer);
        return Encoding.UTF8.GetString(answer);
    }
}
