using System.Diagnostics;
using System.Threading.Channels;

namespace GpuMem.TestKit.Faults;

/// <summary>What happens to bytes on their way, asked anew for every piece.</summary>
internal interface IConduct
{
    TimeSpan NextDelay();

    /// <summary>Completed unless nothing may pass at present.</summary>
    Task Passable { get; }

    /// <summary>How many bytes of <paramref name="count"/> may still pass; fewer end the connection there.</summary>
    int Allow(int count);

    /// <summary>0 for as fast as it goes.</summary>
    long BytesPerSecond { get; }
}

/// <summary>Carries a stream from one side to the other. A delay shifts all pieces alike instead of adding up.</summary>
internal static class Carriage
{
    private const int PieceSize = 16 * 1024;

    /// <summary>Ends when the source does, or when no more bytes are allowed.</summary>
    public static async Task CarryAsync(Stream from, Stream to, IConduct conduct, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateBounded<(long Due, byte[] Bytes)>(1024);
        var reading = ReadAsync(from, pieces.Writer, conduct, stop.Token);
        try
        {
            await foreach (var (due, bytes) in pieces.Reader.ReadAllAsync(stop.Token))
            {
                await WaitAsync(due, stop.Token);
                await conduct.Passable.WaitAsync(stop.Token);
                var allowed = conduct.Allow(bytes.Length);
                await to.WriteAsync(bytes.AsMemory(0, allowed), stop.Token);
                await to.FlushAsync(stop.Token);
                if (allowed < bytes.Length)
                    return;
                if (conduct.BytesPerSecond is > 0 and var rate)
                    await Task.Delay(TimeSpan.FromSeconds((double)allowed / rate), stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    private static async Task ReadAsync(Stream from, ChannelWriter<(long, byte[])> pieces, IConduct conduct, CancellationToken cancellationToken)
    {
        var buffer = new byte[PieceSize];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                var due = Stopwatch.GetTimestamp() + (long)(conduct.NextDelay().TotalSeconds * Stopwatch.Frequency);
                await pieces.WriteAsync((due, buffer[..count]), cancellationToken);
            }
            pieces.Complete();
        }
#pragma warning disable CA1031 // Whoever reads the pieces learns of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            pieces.Complete(failure);
        }
    }

    private static async Task WaitAsync(long due, CancellationToken cancellationToken)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, cancellationToken);
    }
}
