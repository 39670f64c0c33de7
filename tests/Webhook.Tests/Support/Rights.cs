using GpuMem.Webhook.Endpoints;

namespace GpuMem.Webhook.Tests.Support;

/// <summary>Answers what the test says, and remembers who was asked about.</summary>
internal sealed class Rights(Func<string?>? answer = null) : ITemplateAuthorization
{
    public List<string?> Asked { get; } = [];

    public Task<string?> WhyNotOverrideAsync(UserInfo? user, string? ns, string resource, CancellationToken cancellationToken) => WhyNotAsync(user, ns, cancellationToken);

    public Task<string?> WhyNotAsync(UserInfo? user, string? ns, CancellationToken cancellationToken)
    {
        Asked.Add(user?.Username);
        return Task.FromResult(answer?.Invoke());
    }
}
