namespace GpuMem.Kubernetes.Client;

/// <summary>
/// An answer that may take long as long as bytes keep coming: each read has the silence limit to itself. The stream inside is the
/// response's, which closes it.
/// </summary>
internal sealed class AudibleStream(Stream inner, Silence silence) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // The token is the caller's, which the silence already listens to.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await silence.BreakAsync(token => inner.ReadAsync(buffer, token).AsTask());

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
