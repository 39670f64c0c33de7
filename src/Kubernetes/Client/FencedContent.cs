namespace GpuMem.Kubernetes.Client;

/// <summary>
/// A body that asks once more when the connection is there, which may take seconds to open. The API server acts on no call whose body is missing.
/// </summary>
internal sealed class FencedContent(ReadOnlyMemory<byte> body, Func<bool> mayWrite) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        mayWrite() ? stream.WriteAsync(body, cancellationToken).AsTask() : throw new LeadershipLostException();

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
