using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Endpoints;

/// <summary>The three HTTPS endpoints. Whatever is sent here gets a well-formed answer: a review's, or a 4xx that says what is wrong.</summary>
public sealed partial class AdmissionEndpoints(AdmissionHandlers pods, TrainingJobHandler jobs, ILogger<AdmissionEndpoints> logger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mutate-pod", context => AnswerAsync(context, Pods(pods.MutatePod), OnFault.Allow));
        routes.MapPost("/validate-pod", context => AnswerAsync(context, Pods(pods.ValidatePod), OnFault.Allow));
        routes.MapPost("/validate-trainingjob", context => AnswerAsync(context, jobs.ValidateAsync, OnFault.Deny));
    }

    /// <summary>Pods are decided from memory, so there is nothing to wait for.</summary>
    private static Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> Pods(Func<AdmissionRequest, AdmissionResponse> decide) =>
        (request, _) => Task.FromResult(decide(request));

    private async Task AnswerAsync(HttpContext context, Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> handle, OnFault onFault)
    {
        if (!context.Request.HasJsonContentType())
        {
            await Refuse(context, StatusCodes.Status415UnsupportedMediaType, "send an AdmissionReview as application/json");
            return;
        }
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            await Refuse(context, StatusCodes.Status415UnsupportedMediaType, "send the AdmissionReview without Content-Encoding");
            return;
        }
        if (await ReadAsync(context) is not { } body)
            return;
        if (!AdmissionReviewSerializer.TryRead(body, out var review, out var problem) || review.Request is not { Uid.Length: > 0 } request)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, problem ?? "the AdmissionReview has no request.uid");
            return;
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(ReviewDeadline.Of(context.Request));
        var response = await DecideAsync(request, handle, onFault, deadline.Token, context.RequestAborted);
        response.Uid = request.Uid;
        PlainText.Tidy(response);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(AdmissionReviewSerializer.Write(response), context.RequestAborted);
    }

    private async Task<AdmissionResponse> DecideAsync(
        AdmissionRequest request, Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> handle, OnFault onFault, CancellationToken deadline, CancellationToken aborted)
    {
        try
        {
            return await handle(request, deadline);
        }
        catch (Exception error) when (error is not OperationCanceledException || !aborted.IsCancellationRequested)
        {
            // Our own fault must never be a 500: the API server would apply its failure policy and name us in every error.
            LogFault(error, request.Kind?.Kind, request.Operation);
            return onFault == OnFault.Allow
                ? new AdmissionResponse { Allowed = true, Warnings = ["GpuMem could not check this pod: an error of its own, see its log"] }
                : new AdmissionResponse { Allowed = false, Status = new AdmissionStatus { Code = 500, Reason = "InternalError", Message = $"GpuMem could not check this TrainingJob ({Cause(error)}); try again" } };
        }
    }

    /// <summary>What a cluster's administrator can mend is said; our own faults are in the log.</summary>
    private static string Cause(Exception error) => error switch
    {
        OperationCanceledException => "the API server did not say in time what its author may do",
        KubernetesException or IOException => error.Message,
        _ => "an error of its own, see its log",
    };

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > WebhookOptions.MaxReviewBytes)
        {
            await Refuse(context, StatusCodes.Status413PayloadTooLarge, TooLarge);
            return null;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = WebhookOptions.MaxReviewBytes;
        // Grows with what really arrives: a header alone must not cost megabytes.
        using var body = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 16 * 1024, 64 * 1024));
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException error)
        {
            await Refuse(context, error.StatusCode, error.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : error.Message);
            return null;
        }
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static readonly string TooLarge = $"the AdmissionReview is larger than {WebhookOptions.MaxReviewBytes >> 20} MiB";

    private static Task Refuse(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Error, "The review of a {Kind} ({Operation}) failed by a fault of ours")]
    private partial void LogFault(Exception error, string? kind, string? operation);

    private enum OnFault
    {
        /// <summary>Never reject what would have run.</summary>
        Allow,

        /// <summary>A TrainingJob acts with the operator's rights: what could not be checked must not pass.</summary>
        Deny,
    }
}
