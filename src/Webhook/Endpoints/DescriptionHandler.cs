using System.Text.Json;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.Pods;
using GpuMem.Planning;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// Answers reviews of TrainingJobs and ModelServers: what the schema cannot check, whether their author may do what they would do for them, and, as
/// a warning, whether they fit.
/// </summary>
/// <typeparam name="T">The resource.</typeparam>
public abstract class DescriptionHandler<T>(IClusterState cluster, ITemplateAuthorization authorization)
    where T : class, IPodDescription
{
    protected IClusterState Cluster { get; } = cluster;

    public async Task<AdmissionResponse> ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || !string.IsNullOrEmpty(request.SubResource) || request.Object.ValueKind != JsonValueKind.Object)
            return new AdmissionResponse { Allowed = true };
        // Labels and finalizers must stay changeable, or an object that newer rules refuse could not even be deleted.
        var isOverride = Annotation(request.Object) is { } annotated && Annotation(request.OldObject) != annotated;
        if (!isOverride && Reviewed.IsUnchanged(request, "spec"))
            return new AdmissionResponse { Allowed = true };
        T? described;
        try
        {
            described = ApiJson.Default.Deserialize<T>(request.Object);
        }
        catch (JsonException error)
        {
            return Deny(422, "Invalid", JsonProblem.Describe(error));
        }
        if (described is null)
            return Deny(422, "Invalid", $"the review carries no {typeof(T).Name}");
        described.Metadata ??= new V1ObjectMeta();
        described.Metadata.NamespaceProperty ??= request.Namespace;
        if (NameProblem(described.Metadata.Name ?? request.Name) is { } nameProblem)
            return Deny(422, "Invalid", nameProblem);

        var decision = Decide(described);
        if (decision.Verdict == Verdict.Invalid && !OnlyConfigMapUnread(decision))
            return Deny(422, "Invalid", decision.Text);
        if (described.Template is not null && !Reviewed.IsUnchanged(request, "spec", "template") && await authorization.WhyNotAsync(request.UserInfo, described.Namespace(), cancellationToken) is { } why)
            return Deny(403, "Forbidden", why);
        if (isOverride && await authorization.WhyNotOverrideAsync(request.UserInfo, described.Namespace(), Resource, cancellationToken) is { } mayNot)
            return Deny(403, "Forbidden", mayNot);
        return new AdmissionResponse { Allowed = true, Warnings = decision.Denies || decision.Warns ? [.. Warnings(decision)] : null };
    }

    /// <returns>Null when the name can be used.</returns>
    protected abstract string? NameProblem(string? name);

    protected abstract WorkloadDecision Decide(T described);

    private static string Resource => typeof(T).Name.ToLowerInvariant() + "s";

    /// <summary>Checked when it is written and when it changes: what was allowed once stays.</summary>
    private static string? Annotation(JsonElement entity) =>
        Reviewed.Part(entity, "metadata", "annotations", ApiGroup.OverrideAnnotation) is { ValueKind: JsonValueKind.String } reason && reason.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>The ConfigMap may be created in the same breath; the operator looks again.</summary>
    private static bool OnlyConfigMapUnread(WorkloadDecision decision) => decision.Problems.All(problem => problem.Path == "model.configMapKeyRef");

    private static IEnumerable<string> Warnings(WorkloadDecision decision)
    {
        yield return decision.Line;
        foreach (var fix in decision.Fixes.Take(2))
            yield return $"fix: {fix}";
    }

    private static AdmissionResponse Deny(int code, string reason, string message) =>
        new() { Allowed = false, Status = new AdmissionStatus { Code = code, Reason = reason, Message = message } };
}
