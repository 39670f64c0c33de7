namespace GpuMem.Kubernetes.Client;

/// <summary>
/// The last thing a request passes before the socket, below retries and credentials, so that neither a delay there nor a pause of the process
/// can lie between the question whether we may still write and the writing.
/// </summary>
internal sealed class FenceHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<Func<bool>> MayWrite = new("may write");

    internal static void Guard(HttpRequestMessage message, Func<bool> mayWrite) => message.Options.Set(MayWrite, mayWrite);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(MayWrite, out Func<bool>? mayWrite) && !mayWrite())
            throw new LeadershipLostException();
        return base.SendAsync(request, cancellationToken);
    }
}
