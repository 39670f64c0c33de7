using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Certificates;

/// <summary>
/// Keeps the certificate in a Secret that all replicas share: the first one makes it, the others take it, so that one CA is enough. Keys are
/// read through the API rather than from a mounted volume, which lags by up to a minute.
/// </summary>
public sealed partial class CertificateSecret(IKubernetesClient client, WebhookOptions options, TimeProvider timeProvider, ILogger<CertificateSecret> logger)
{
    private const string FieldManager = "gpumem-webhook";

    public async Task<CertificatePair> GetOrCreateAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var secret = await client.GetAsync<V1Secret>(options.SecretName, options.Namespace, cancellationToken);
            var (stored, now) = (Read(secret), timeProvider.GetUtcNow());
            if (stored?.IsUsable(options.HostNames, now) == true)
                return stored;
            var made = stored?.Renew(options.HostNames, now) ?? CertificatePair.Create(options.HostNames, now);
            try
            {
                await WriteAsync(secret, made, cancellationToken);
                LogMade(options.Namespace, options.SecretName, string.Join(", ", options.HostNames));
                return made;
            }
            catch (KubernetesException error) when (error.IsConflict || error.IsAlreadyExists)
            {
                // Another replica was faster: take what it wrote.
            }
        }
    }

    private Task<V1Secret> WriteAsync(V1Secret? existing, CertificatePair pair, CancellationToken cancellationToken)
    {
        Dictionary<string, byte[]> data = new()
        {
            ["ca.crt"] = Encoding.ASCII.GetBytes(pair.CaCertificate),
            ["ca.key"] = Encoding.ASCII.GetBytes(pair.CaKey),
            ["tls.crt"] = Encoding.ASCII.GetBytes(pair.Certificate),
            ["tls.key"] = Encoding.ASCII.GetBytes(pair.Key),
        };
        if (existing is null)
            return client.CreateAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = options.SecretName, NamespaceProperty = options.Namespace }, Type = "Opaque", Data = data }, cancellationToken);
        // The resource version makes the patch fail when another replica wrote in between.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = existing.ResourceVersion() },
            ["data"] = new JsonObject(data.Select(entry =>
                KeyValuePair.Create(entry.Key, (JsonNode?)Convert.ToBase64String(entry.Value)))),
        };
        return client.PatchAsync<V1Secret>(options.SecretName, options.Namespace, new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch), FieldManager, cancellationToken);
    }

    private static CertificatePair? Read(V1Secret? secret) =>
        secret?.Data is { } data && data.TryGetValue("ca.crt", out var ca) && data.TryGetValue("ca.key", out var caKey)
        && data.TryGetValue("tls.crt", out var certificate) && data.TryGetValue("tls.key", out var key)
            ? new CertificatePair
            {
                CaCertificate = Encoding.ASCII.GetString(ca),
                CaKey = Encoding.ASCII.GetString(caKey),
                Certificate = Encoding.ASCII.GetString(certificate),
                Key = Encoding.ASCII.GetString(key),
            }
            : null;

    [LoggerMessage(1, LogLevel.Information, "Made a new certificate in Secret {Namespace}/{Name} for {Hosts}")]
    private partial void LogMade(string @namespace, string name, string hosts);
}
