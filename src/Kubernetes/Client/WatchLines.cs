using System.IO.Pipelines;

namespace GpuMem.Kubernetes.Client;

/// <summary>
/// Splits a watch stream at its newlines and hands each line on when its newline arrives. The JSON serializer's own streaming
/// of top-level values holds an event above its buffer size back until the next one comes, which on a quiet cluster takes minutes.
/// </summary>
internal sealed class WatchLines(Stream stream, Silence silence)
{
    // No object is larger than etcd's limit of 1.5 MiB, and a few times that as JSON.
    private const long MaxLine = 16 * 1024 * 1024;

    internal async IAsyncEnumerable<ReadOnlySequence<byte>> ReadAsync()
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            long searched = 0;
            while (true)
            {
                ReadResult result = await silence.BreakAsync(token => reader.ReadAsync(token).AsTask());
                ReadOnlySequence<byte> buffer = result.Buffer;
                while (buffer.Slice(searched).PositionOf((byte)'\n') is { } newline)
                {
                    ReadOnlySequence<byte> line = buffer.Slice(0, newline);
                    if (!line.IsEmpty)
                        yield return line;
                    buffer = buffer.Slice(buffer.GetPosition(1, newline));
                    searched = 0;
                }

                searched = buffer.Length;
                if (searched > MaxLine)
                    throw new IOException($"a watch event is larger than {MaxLine >> 20} MiB");
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (!result.IsCompleted)
                    continue;
                // Half an object is no object: whatever it was, it will be sent again.
                if (searched > 0)
                    throw new IOException("the watch was cut in the middle of an event");
                yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}
