using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Certificates;

/// <summary>
/// Keeps the certificate in a Secret that all replicas share: the first one makes it, the others take it, so that one CA is enough. What cannot be
/// served, because it was torn, damaged or written by halves, is never returned but mended. Keys are read through the API rather than from a
/// mounted volume, which lags by up to a minute.
/// </summary>
public sealed partial class CertificateSecret(IKubernetesClient client, WebhookOptions options, TimeProvider timeProvider, ILogger<CertificateSecret> logger)
{
    private const string FieldManager = "gpumem-webhook";

    /// <param name="served">What is served so far, if anything: its CAs stay trusted when nothing in the Secret can be read any more.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    public async Task<CertificatePair> GetOrCreateAsync(CertificatePair? served, CancellationToken cancellationToken)
    {
        while (true)
        {
            var secret = await client.GetAsync<V1Secret>(options.SecretName, options.Namespace, cancellationToken);
            var (stored, now) = (Read(secret), timeProvider.GetUtcNow());
            string[] trusted = served is null ? [] : [served.CaCertificates];
            var made = stored?.Next(options.Certificate, now, trusted) ?? CertificatePair.Create(options.Certificate, now, trusted);
            if (made == stored)
                return stored;
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
            ["ca.crt"] = Encoding.ASCII.GetBytes(pair.CaCertificates),
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

    /// <summary>Null when there is none, or an empty one. Of one that was written by halves, what there is.</summary>
    private static CertificatePair? Read(V1Secret? secret)
    {
        if (secret?.Data is not { Count: > 0 } data)
            return null;
        string Text(string name) => data.TryGetValue(name, out var bytes) && bytes is not null ? Encoding.ASCII.GetString(bytes) : "";
        return new CertificatePair { CaCertificates = Text("ca.crt"), CaKey = Text("ca.key"), Certificate = Text("tls.crt"), Key = Text("tls.key") };
    }

    [LoggerMessage(1, LogLevel.Information, "Made a new certificate in Secret {Namespace}/{Name} for {Hosts}")]
    private partial void LogMade(string @namespace, string name, string hosts);
}
