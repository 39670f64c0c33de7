using System.Text.Json;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// Answers reviews of TrainingJobs: what the schema cannot check, whether its author may do what the job would do for them, and, as a
/// warning, whether it fits.
/// </summary>
public sealed class TrainingJobHandler(IClusterState cluster, ITemplateAuthorization authorization)
{
    public async Task<AdmissionResponse> ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || !string.IsNullOrEmpty(request.SubResource) || request.Object.ValueKind != JsonValueKind.Object)
            return new AdmissionResponse { Allowed = true };
        // Labels and finalizers must stay changeable, or a job that newer rules refuse could not even be deleted.
        if (Unchanged(request, "spec"))
            return new AdmissionResponse { Allowed = true };
        TrainingJob? job;
        try
        {
            job = ApiJson.Default.Deserialize<TrainingJob>(request.Object);
        }
        catch (JsonException error)
        {
            return Deny(422, "Invalid", JsonProblem.Describe(error));
        }
        if (job is null)
            return Deny(422, "Invalid", "the review carries no TrainingJob");
        job.Metadata ??= new V1ObjectMeta();
        job.Metadata.NamespaceProperty ??= request.Namespace;
        if (TrainingJobName.Problem(job.Metadata.Name ?? request.Name) is { } nameProblem)
            return Deny(422, "Invalid", nameProblem);

        var decision = JobDecision.Of(job, cluster.Inventory, cluster.ConfigMaps);
        if (decision.Plan.Verdict == Verdict.Invalid && !OnlyConfigMapUnread(decision.Plan))
            return Deny(422, "Invalid", decision.Text);
        if (job.Spec.Template is not null && !Unchanged(request, "spec", "template") && await authorization.WhyNotAsync(request.UserInfo, job.Namespace(), cancellationToken) is { } why)
            return Deny(403, "Forbidden", why);
        return new AdmissionResponse { Allowed = true, Warnings = decision.Denies || decision.Warns ? [.. Warnings(decision)] : null };
    }

    /// <summary>The ConfigMap may be created in the same breath as the job; the operator looks again.</summary>
    private static bool OnlyConfigMapUnread(Plan plan) => plan.Problems.All(problem => problem.Path == "model.configMapKeyRef");

    private static IEnumerable<string> Warnings(JobDecision decision)
    {
        yield return decision.Line;
        foreach (var suggestion in decision.Plan.Suggestions.Take(2))
            yield return $"fix: {VerdictText.Fix(suggestion)}";
    }

    /// <summary>An update that leaves this part of the object as it was: whoever wrote it last has answered for it.</summary>
    private static bool Unchanged(AdmissionRequest request, params string[] path) =>
        request.Operation == "UPDATE" && Part(request.OldObject, path) is { } old && Part(request.Object, path) is { } now && JsonElement.DeepEquals(old, now);

    private static JsonElement? Part(JsonElement entity, string[] path)
    {
        foreach (var name in path)
            if (entity.ValueKind != JsonValueKind.Object || !entity.TryGetProperty(name, out entity))
                return null;
        return entity;
    }

    private static AdmissionResponse Deny(int code, string reason, string message) =>
        new() { Allowed = false, Status = new AdmissionStatus { Code = code, Reason = reason, Message = message } };
}
