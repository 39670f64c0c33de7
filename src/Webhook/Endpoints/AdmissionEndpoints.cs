using System.Diagnostics;
using System.Text.Json;
using GpuMem.Api.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Endpoints;

/// <summary>The HTTPS endpoints. Whatever is sent here gets a well-formed answer: a review's, or a 4xx that says what is wrong.</summary>
public sealed partial class AdmissionEndpoints(
    AdmissionHandlers pods, WorkloadHandler workloads, TrainingJobHandler jobs, ModelServerHandler servers, BodyBudget budget, ReviewTurns turns, ILogger<AdmissionEndpoints> logger) : IDisposable
{
    /// <summary>Reviews that wait for the API server have turns of their own, so that pods need not wait for it with them.</summary>
    private const int AskingAtOnce = 64;

    private const string MutatePod = "/mutate-pod";

    private const string ValidatePod = "/validate-pod";

    private const string ValidateTrainingJob = "/validate-trainingjob";

    private const string ValidateModelServer = "/validate-modelserver";

    private const string ValidateWorkload = "/validate-workload";

    private const string MutateWorkload = "/mutate-workload";

    private const string JsonType = "application/json";

    private readonly ReviewTurns _asking = new(AskingAtOnce);

    private delegate ValueTask<AdmissionResponse> Handle(AdmissionRequest request, HttpContext context);

    public void Map(IEndpointRouteBuilder routes)
    {
        // Pods are decided from memory, so there is nothing to wait for.
        routes.MapPost(MutatePod, context => AnswerAsync(context, (request, _) => ValueTask.FromResult(pods.MutatePod(request)), Subject.Pod));
        routes.MapPost(ValidatePod, context => AnswerAsync(context, (request, _) => ValueTask.FromResult(pods.ValidatePod(request)), Subject.Pod));
        routes.MapPost(MutateWorkload, context => AnswerAsync(context, (request, _) => ValueTask.FromResult(workloads.Mutate(request)), Subject.Workload));
        routes.MapPost(ValidateWorkload, context => AnswerAsync(context, (request, _) => ValueTask.FromResult(workloads.Validate(request)), Subject.Workload));
        routes.MapPost(ValidateTrainingJob, context => AnswerAsync(context, (request, http) => InTimeAsync(jobs.ValidateAsync, request, http), Subject.TrainingJob));
        routes.MapPost(ValidateModelServer, context => AnswerAsync(context, (request, http) => InTimeAsync(servers.ValidateAsync, request, http), Subject.ModelServer));
    }

    /// <summary>Whether this is the path of one of them.</summary>
    internal static bool Has(PathString path) => Is(path, MutatePod) || Is(path, ValidatePod) || Is(path, ValidateWorkload) || Is(path, MutateWorkload) || Is(path, ValidateTrainingJob) || Is(path, ValidateModelServer);

    private static bool Is(PathString path, PathString endpoint) => path.StartsWithSegments(endpoint, StringComparison.OrdinalIgnoreCase);

    /// <summary>Who asks the API server must not wait longer than it waits for us.</summary>
    private static async ValueTask<AdmissionResponse> InTimeAsync(Func<AdmissionRequest, CancellationToken, Task<AdmissionResponse>> validate, AdmissionRequest request, HttpContext context)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(ReviewDeadline.Of(context.Request));
        return await validate(request, deadline.Token);
    }

    private async Task AnswerAsync(HttpContext context, Handle handle, Subject subject)
    {
        if (context.Request.ContentType != JsonType && !context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "send an AdmissionReview as application/json");
            return;
        }
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "send the AdmissionReview without Content-Encoding");
            return;
        }
        if (context.Request.ContentLength > WebhookOptions.MaxReviewBytes)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, TooLarge);
            return;
        }
        var began = Stopwatch.GetTimestamp();
        var (response, status, problem) = await ReadAndDecideAsync(context, handle, subject);
        WebhookMeter.Answered(((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText!, response, Stopwatch.GetElapsedTime(began));
        if (response is null)
        {
            await RefuseAsync(context, status, problem!);
            return;
        }
        // Nothing of the request is held any longer: who is slow to read the answer keeps no memory from others.
        PlainText.Tidy(response);
        var answer = AdmissionReviewSerializer.Write(response);
        context.Response.ContentType = JsonType;
        // With its length the answer leaves in one piece, headers and all.
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    /// <summary>The answer, or the HTTP status and the reason for which there is none.</summary>
    private async ValueTask<(AdmissionResponse? Response, int Status, string? Problem)> ReadAndDecideAsync(HttpContext context, Handle handle, Subject subject)
    {
        using var body = new ReviewBody(budget);
        try
        {
            if (!await body.ReadAsync(context.Request))
                return TooMany(body, subject, "too many large reviews at once");
        }
        catch (BadHttpRequestException error)
        {
            return (null, error.StatusCode, error.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : error.Message);
        }
        var taken = subject.PassesUnchecked ? turns : _asking;
        if (!await taken.TakeAsync(ReviewDeadline.Of(context.Request) / 2))
            return TooMany(body, subject, "too many reviews at once");
        try
        {
            return await DecideAsync(body.Bytes, handle, subject, context);
        }
        finally
        {
            taken.GiveBack();
        }
    }

    private async ValueTask<(AdmissionResponse? Response, int Status, string? Problem)> DecideAsync(ReadOnlyMemory<byte> review, Handle handle, Subject subject, HttpContext context)
    {
        if (!AdmissionReviewSerializer.TryRead(review, out var request, out var problem))
            return (null, StatusCodes.Status400BadRequest, problem);
        using (request)
        {
            var response = await DecideAsync(request, handle, subject, context);
            response.Uid = request.Uid;
            return (response, 0, null);
        }
    }

    private async ValueTask<AdmissionResponse> DecideAsync(AdmissionRequest request, Handle handle, Subject subject, HttpContext context)
    {
        try
        {
            return await handle(request, context);
        }
        catch (JsonException malformed) when (subject.PassesUnchecked)
        {
            // No object of its kind: the API server has refused it before it asks, or is not who asks.
            return new AdmissionResponse { Allowed = true, Warnings = [$"GpuMem could not check this {subject.Name}: {JsonProblem.Describe(malformed)}"] };
        }
        catch (Exception error) when (error is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            // Our own fault must never be a 500: the API server would apply its failure policy and name us in every error.
            LogFault(error, request.Kind, request.Operation);
            WebhookMeter.Unchecked.Add(1, new KeyValuePair<string, object?>("reason", error is OperationCanceledException ? "deadline" : "fault"));
            return subject.PassesUnchecked
                ? new AdmissionResponse { Allowed = true, Warnings = [$"GpuMem could not check this {subject.Name}: an error of its own, see its log"] }
                : new AdmissionResponse { Allowed = false, Status = new AdmissionStatus { Code = 500, Reason = "InternalError", Message = $"GpuMem could not check this {subject.Name} ({Cause(error)}); try again" } };
        }
    }

    /// <summary>
    /// What all reviews together may take is taken. A pod is admitted all the same, with a warning, for it might run; the status in the answer,
    /// which the API server does not look at then, says why. Without the uid in what was read there is no review to answer.
    /// </summary>
    private static (AdmissionResponse? Response, int Status, string? Problem) TooMany(ReviewBody body, Subject subject, string why)
    {
        WebhookMeter.Unchecked.Add(1, new KeyValuePair<string, object?>("reason", why));
        if (ReviewUid.In(body.Bytes.Span) is not { } uid)
            return (null, StatusCodes.Status429TooManyRequests, $"{why}; try again");
        var allow = subject.PassesUnchecked;
        var answer = new AdmissionResponse
        {
            Uid = uid,
            Allowed = allow,
            Warnings = allow ? [$"GpuMem could not check this {subject.Name}: {why}"] : null,
            Status = new AdmissionStatus
            {
                Code = StatusCodes.Status429TooManyRequests,
                Reason = "TooManyRequests",
                Message = $"GpuMem could not check this {subject.Name}: {why}; try again",
            },
        };
        return (answer, 0, null);
    }

    public void Dispose() => _asking.Dispose();

    /// <summary>What a cluster's administrator can mend is said; our own faults are in the log.</summary>
    private static string Cause(Exception error) => error switch
    {
        OperationCanceledException => "the API server did not say in time what its author may do",
        KubernetesException or IOException => error.Message,
        _ => "an error of its own, see its log",
    };

    private static readonly string TooLarge = $"the AdmissionReview is larger than {WebhookOptions.MaxReviewBytes >> 20} MiB";

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n");
    }

    [LoggerMessage(1, LogLevel.Error, "The review of a {Kind} ({Operation}) failed by a fault of ours")]
    private partial void LogFault(Exception error, string? kind, string? operation);

    /// <summary>What is reviewed.</summary>
    /// <param name="Name">What people call it.</param>
    /// <param name="PassesUnchecked">Never reject what would have run; but what acts with the operator's rights must not pass when it could not be checked.</param>
    private sealed record Subject(string Name, bool PassesUnchecked)
    {
        public static readonly Subject Pod = new("pod", PassesUnchecked: true);

        public static readonly Subject Workload = new("workload", PassesUnchecked: true);

        public static readonly Subject TrainingJob = new("TrainingJob", PassesUnchecked: false);

        public static readonly Subject ModelServer = new("ModelServer", PassesUnchecked: false);
    }
}
