using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace GpuMem.Kubernetes.Client;

/// <summary>Sends calls. Unary ones are repeated where that is safe; a watch is opened once, because its reader has its own patience.</summary>
internal sealed class ApiTransport(KubernetesClientConfiguration configuration, ILogger logger, TimeProvider timeProvider) : IDisposable
{
    private readonly Lane _main = new(ApiConnection.Open(configuration), ResiliencePolicy.Create(logger, timeProvider));

    // A renewal must not wait for a list to come through or for the circuit breaker to close.
    private readonly Lane _leases = new(
        ApiConnection.Open(configuration), ResiliencePolicy.CreateForOneAttempt(ResiliencePolicy.LeaseTimeout, timeProvider));

    private readonly ResiliencePipeline _once = ResiliencePolicy.CreateForOneAttempt(ResiliencePolicy.AttemptTimeout, timeProvider);

    internal Uri Host { get; } = configuration.Host;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Reads the answer inside the retried part, so that a connection cut halfway counts as a failed call.</summary>
    internal async Task<T> SendAsync<T>(
        ApiRequest request, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(ResiliencePolicy.Idempotent, request.Idempotent);
        context.Properties.Set(ResiliencePolicy.Started, timeProvider.GetTimestamp());
        try
        {
            return await (request.Once ? _once : LaneOf(request).Resilience).ExecuteAsync(
                static async (attempt, call) =>
                {
                    using Silence silence = call.Transport.Listen(attempt.CancellationToken);
                    using HttpResponseMessage response = await silence.BreakAsync(token => call.Transport.OpenAsync(call.Request, token));
                    await using AudibleStream body = new(await response.Content.ReadAsStreamAsync(attempt.CancellationToken), silence);
                    return await call.Read(body, attempt.CancellationToken);
                },
                context,
                (Transport: this, Request: request, Read: read));
        }
        catch (BrokenCircuitException broken)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError, $"{Host} failed repeatedly, so calls are held back for a moment", broken);
        }
        catch (TimeoutRejectedException late)
        {
            throw new TimeoutException($"{Host} did not answer within {late.Timeout.TotalSeconds:0} s", late);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Returns as soon as the headers are there; the caller disposes the response.</summary>
    internal async Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = request.ToMessage(Host, configuration.TlsServerName);
        HttpResponseMessage response = await LaneOf(request).Http.SendAsync(message, cancellationToken);
        if (response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous)
            return response;
        using (response)
            throw await ErrorResponse.ReadAsync(request, response, timeProvider, cancellationToken);
    }

    public void Dispose()
    {
        _main.Http.Dispose();
        _leases.Http.Dispose();
    }

    private Silence Listen(CancellationToken cancellationToken) => new(LongestSilence, timeProvider, cancellationToken);

    private Lane LaneOf(ApiRequest request) =>
        request.Path.StartsWith("apis/coordination.k8s.io/", StringComparison.Ordinal) ? _leases : _main;
}
