namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// Whether somebody may create pods. The operator creates pods from a TrainingJob's template with its own rights; without this question a
/// user who may create TrainingJobs but no pods would run anything through it (the confused deputy).
/// </summary>
public interface ITemplateAuthorization
{
    /// <returns>Null when they may; else the reason, for the user.</returns>
    Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken);
}

/// <summary>Asks the API server's authorizer.</summary>
public sealed class SubjectAccessTemplateAuthorization(IKubernetesClient client) : ITemplateAuthorization
{
    public async Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(user?.Username))
            return "the review names no user, so nobody can say whether they may create pods from spec.template";
        var review = await client.CreateAsync(
            new V1SubjectAccessReview
            {
                Metadata = new V1ObjectMeta(),
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = user.Username,
                    Uid = user.Uid,
                    Groups = user.Groups,
                    Extra = user.Extra,
                    ResourceAttributes = new V1ResourceAttributes { NamespaceProperty = ns, Verb = "create", Version = "v1", Resource = "pods" },
                },
            },
            cancellationToken);
        return review.Status?.Allowed == true
            ? null
            : $"user '{user.Username}' may not create pods in namespace '{ns}', and spec.template makes pods there: ask for the right to create pods, or leave template out";
    }
}
