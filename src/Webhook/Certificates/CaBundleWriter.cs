using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Certificates;

/// <summary>Tells the API server to trust our CAs: writes them into each webhook of our two configurations, and again when somebody resets it.</summary>
public sealed partial class CaBundleWriter(IKubernetesClient client, WebhookOptions options, ILogger<CaBundleWriter> logger)
{
    private const string FieldManager = "gpumem-webhook";

    /// <returns>False while a configuration is missing: nobody calls us yet.</returns>
    public async Task<bool> WriteAsync(string caCertificates, CancellationToken cancellationToken)
    {
        var bundle = Encoding.ASCII.GetBytes(caCertificates);
        var validating = await client.GetAsync<V1ValidatingWebhookConfiguration>(options.ConfigurationName, null, cancellationToken);
        var mutating = await client.GetAsync<V1MutatingWebhookConfiguration>(options.ConfigurationName, null, cancellationToken);
        if (validating is not null)
            await PatchAsync<V1ValidatingWebhookConfiguration>([.. (validating.Webhooks ?? []).Select(webhook => (webhook.Name, webhook.ClientConfig?.CaBundle))], bundle, cancellationToken);
        if (mutating is not null)
            await PatchAsync<V1MutatingWebhookConfiguration>([.. (mutating.Webhooks ?? []).Select(webhook => (webhook.Name, webhook.ClientConfig?.CaBundle))], bundle, cancellationToken);
        return validating is not null && mutating is not null;
    }

    private async Task PatchAsync<T>(List<(string Name, byte[]? CaBundle)> webhooks, byte[] bundle, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var operations = new JsonArray();
        for (var i = 0; i < webhooks.Count; i++)
        {
            if (webhooks[i].CaBundle is { } present && present.AsSpan().SequenceEqual(bundle))
                continue;
            // The test keeps us from writing into another webhook when the list changed since it was read.
            operations.Add((JsonNode)new JsonObject { ["op"] = "test", ["path"] = $"/webhooks/{i}/name", ["value"] = webhooks[i].Name });
            operations.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = $"/webhooks/{i}/clientConfig/caBundle", ["value"] = Convert.ToBase64String(bundle) });
        }
        if (operations.Count == 0)
            return;
        await client.PatchAsync<T>(options.ConfigurationName, null, new V1Patch(operations.ToJsonString(), V1Patch.PatchType.JsonPatch), FieldManager, cancellationToken);
        LogWritten(typeof(T).Name.Replace("V1", "", StringComparison.Ordinal), options.ConfigurationName, operations.Count / 2);
    }

    [LoggerMessage(1, LogLevel.Information, "Wrote our CA into {Kind} {Name} ({Count} webhooks)")]
    private partial void LogWritten(string kind, string name, int count);
}
