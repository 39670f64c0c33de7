using System.Text.Json;
using System.Text.Json.Nodes;
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
        if (decision.Plan.Verdict == Verdict.Invalid && !OnlyConfigMapUnread(job))
            return Deny(422, "Invalid", decision.Text);
        if (job.Spec.Template is not null && TemplateChanged(request, job) && await authorization.WhyNotAsync(request.UserInfo, job.Namespace(), cancellationToken) is { } why)
            return Deny(403, "Forbidden", why);
        return new AdmissionResponse { Allowed = true, Warnings = decision.Plan.Verdict == Verdict.Fits ? null : [.. Warnings(decision)] };
    }

    /// <summary>The ConfigMap may be created in the same breath as the job; the operator looks again.</summary>
    private static bool OnlyConfigMapUnread(TrainingJob job) => job.Spec.Model?.ConfigMapKeyRef is not null;

    private static IEnumerable<string> Warnings(JobDecision decision)
    {
        yield return decision.Line;
        foreach (var suggestion in decision.Plan.Suggestions.Take(2))
            yield return $"fix: {VerdictText.Fix(suggestion)}";
    }

    /// <summary>Whoever last wrote the template is the one whose rights count.</summary>
    private static bool TemplateChanged(AdmissionRequest request, TrainingJob job)
    {
        if (request.Operation == "CREATE" || request.OldObject.ValueKind != JsonValueKind.Object)
            return true;
        return !request.OldObject.TryGetProperty("spec", out var spec) || !spec.TryGetProperty("template", out var old)
            || !JsonNode.DeepEquals(JsonObject.Create(old), job.Spec.Template);
    }

    private static AdmissionResponse Deny(int code, string reason, string message) =>
        new() { Allowed = false, Status = new AdmissionStatus { Code = code, Reason = reason, Message = message } };
}
