using System.Net.Http.Headers;

namespace GpuMem.Kubernetes.Client;

/// <summary>Adds the token. After a 401 it asks for newer credentials once and sends the same request again.</summary>
internal sealed class AuthenticationHandler(ClientIdentity identity, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ClientCredential used = await identity.GetAsync(refresh: false, cancellationToken);
        Authorize(request, used);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;

        ClientCredential newer = await identity.GetAsync(refresh: true, cancellationToken);
        if (newer.Token == used.Token && newer.Certificate?.Thumbprint == used.Certificate?.Thumbprint)
            return response;
        response.Dispose();
        Authorize(request, newer);
        return await base.SendAsync(request, cancellationToken);
    }

    private static void Authorize(HttpRequestMessage request, ClientCredential credential) =>
        request.Headers.Authorization = credential.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
}
