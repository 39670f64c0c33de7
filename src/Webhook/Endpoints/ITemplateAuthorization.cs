using GpuMem.Api;

namespace GpuMem.Webhook.Endpoints;

/// <summary>
/// What somebody may do. The operator creates pods from a TrainingJob's template with its own rights; without this question a
/// user who may create TrainingJobs but no pods would run anything through it (the confused deputy).
/// </summary>
public interface ITemplateAuthorization
{
    /// <returns>Null when they may; else the reason, for the user.</returns>
    Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken);

    /// <summary>Whether they may have admitted what is not expected to fit.</summary>
    /// <param name="resource">Plural of what they would have admitted, <c>trainingjobs</c>.</param>
    /// <returns>Null when they may; else the reason, for the user.</returns>
    Task<string?> WhyNotOverrideAsync(UserInfo? user, string? ns, string resource, CancellationToken cancellationToken);
}

/// <summary>Asks the API server's authorizer.</summary>
public sealed class SubjectAccessTemplateAuthorization(IKubernetesClient client) : ITemplateAuthorization
{
    public async Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(user?.Username))
            return "the review names no user, so nobody can say whether they may create pods from spec.template";
        return await MayAsync(user, new V1ResourceAttributes { NamespaceProperty = ns, Verb = "create", Version = "v1", Resource = "pods" }, cancellationToken)
            ? null
            : $"user '{user.Username}' may not create pods in namespace '{ns}', and spec.template makes pods there: ask for the right to create pods, or leave template out";
    }

    public async Task<string?> WhyNotOverrideAsync(UserInfo? user, string? ns, string resource, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(user?.Username))
            return $"the review names no user, so nobody can say whether they may write {ApiGroup.OverrideAnnotation}";
        return await MayAsync(user, new V1ResourceAttributes { NamespaceProperty = ns, Verb = "override", Group = ApiGroup.Name, Resource = resource }, cancellationToken)
            ? null
            : $"user '{user.Username}' may not write {ApiGroup.OverrideAnnotation} in namespace '{ns}': ask for the verb override on {resource}.{ApiGroup.Name}, or leave the annotation out";
    }

    private async Task<bool> MayAsync(UserInfo user, V1ResourceAttributes what, CancellationToken cancellationToken)
    {
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
                    ResourceAttributes = what,
                },
            },
            cancellationToken);
        return review.Status?.Allowed == true;
    }
}
