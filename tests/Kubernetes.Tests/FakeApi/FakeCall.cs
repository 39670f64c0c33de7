using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>One call, and the means to answer it well or badly.</summary>
public sealed class FakeCall
{
    private readonly HttpContext _context;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FakeCall(HttpContext context, string body)
    {
        _context = context;
        Body = body;
        Aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(() =>
        {
            Aborted.TrySetResult();
            _finished.TrySetResult();
        });
    }

    public string Method => _context.Request.Method;

    public string Path => _context.Request.Path;

    public string Body { get; }

    public bool IsWatch => this["watch"] == "true";

    /// <summary>Which connection it came over.</summary>
    public string Connection => _context.Connection.Id;

    public string? ContentType => _context.Request.ContentType;

    public string? Accept => _context.Request.Headers.Accept;

    public string? Authorization => _context.Request.Headers.Authorization;

    /// <summary>What the caller's TLS connection was opened with.</summary>
    public string? ClientCertificate => _context.Connection.ClientCertificate?.Thumbprint;

    /// <summary>Completes when the client hangs up.</summary>
    public TaskCompletionSource Aborted { get; }

    internal Task Finished => _finished.Task;

    /// <summary>A query parameter; null when it was not sent.</summary>
    public string? this[string parameter] => _context.Request.Query.TryGetValue(parameter, out var value) ? value.ToString() : null;

    public async Task ReplyAsync(string json, int code = 200, int? retryAfter = null)
    {
        _context.Response.StatusCode = code;
        _context.Response.ContentType = "application/json";
        if (retryAfter is { } seconds)
            _context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await _context.Response.WriteAsync(json);
        End();
    }

    public Task ReplyListAsync(string resourceVersion, string? next, params string[] items)
    {
        JsonObject list = new()
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion, ["continue"] = next },
            ["items"] = new JsonArray([.. items.Select(item => JsonNode.Parse(item))]),
        };
        return ReplyAsync(list.ToJsonString());
    }

    public Task FailAsync(int code, string reason, string message = "refused", string? cause = null, int? retryAfter = null) =>
        ReplyAsync(Json.Status(code, reason, message, cause), code, retryAfter);

    /// <summary>Sends the headers of a stream that then stays open.</summary>
    public async Task StartAsync()
    {
        _context.Response.ContentType = "application/json";
        await _context.Response.StartAsync();
    }

    public async Task SendAsync(string text)
    {
        await _context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await _context.Response.Body.FlushAsync();
    }

    public Task SendEventAsync(string type, string entity) => SendAsync($$"""{"type":"{{type}}","object":{{entity}}}""" + "\n");

    public void End() => _finished.TrySetResult();

    public void Abort() => _context.Abort();
}
