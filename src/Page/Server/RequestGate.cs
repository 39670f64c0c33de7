using System.Net;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Page.Server;

/// <summary>
/// Stands before every answer: asks by which name we were called and by whose page, and says what the browser may do with what it gets. Without it a
/// page of somebody else's could give its own name our address (DNS rebinding) and read what we answer.
/// </summary>
internal sealed class RequestGate(IReadOnlyCollection<string> hosts)
{
    private const string ContentPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!IsOurs(request.Host.Host, context.Connection.LocalIpAddress))
            await JsonAnswer.WriteErrorAsync(context, StatusCodes.Status421MisdirectedRequest, $"'{Shown(request.Host.Value)}' is no name of this page: use 127.0.0.1, or start gpumem ui with --host NAME");
        else if (request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOf(origin, request.Host))
            await JsonAnswer.WriteErrorAsync(context, StatusCodes.Status403Forbidden, $"a page of {Shown(origin)} may not ask this one");
        else
            await PassAsync(context, next);
    }

    private static async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400 and var status })
                await JsonAnswer.WriteErrorAsync(context, status, status == StatusCodes.Status405MethodNotAllowed
                    ? $"{context.Request.Method} is not what this is asked with; it takes {context.Response.Headers.Allow}"
                    : "there is nothing here; the page is /, the API is described at /api/v1/openapi.json");
        }
        catch (RequestException problem)
        {
            await JsonAnswer.WriteErrorAsync(context, problem.Status, problem.Message);
        }
        catch (BadHttpRequestException problem) when (problem.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await JsonAnswer.WriteErrorAsync(context, problem.StatusCode, $"the request is larger than {PageOptions.MaxBodyBytes} bytes; a config.json has at most 1 MiB");
        }
    }

    /// <summary>A name of loopback, the address on which the request came in, or one that we were told. An address is safe: only names can be given another meaning.</summary>
    private bool IsOurs(string host, IPAddress? local)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return IPAddress.IsLoopback(address) || address.Equals(Plain(local));
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || hosts.Contains(host, StringComparer.OrdinalIgnoreCase);
    }

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : address;

    /// <summary>Behind a proxy that ends TLS the scheme differs; the name and port are those that the browser shows.</summary>
    private static bool IsOf(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);

    private static string Shown(string? text) => text is { Length: > 80 } ? $"{text[..80]}…" : text ?? "";
}
