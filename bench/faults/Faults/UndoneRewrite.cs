using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.Bench.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>Somebody else's webhook that is called after ours and gives every pod one GPU, whatever we wrote.</summary>
internal sealed class UndoneRewrite : IFault
{
    private const string OneGpu = """[{"op": "add", "path": "/spec/containers/0/resources", "value": {"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "1"}}}]""";

    public string Id => "C52";

    public string Expected => "another webhook undoes our GPU count: what is left is judged, and refused with the count that it needs";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var ours = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, "ours", gpus: 0));
        await cluster.KubectlAsync("label", "namespace", ns, "undone=yes");
        using var certificate = Certificate();
        var port = MeasuredProcess.FreePort();
        await using var other = await StartAsync(certificate, port);
        await cluster.ControlPlane.ApplyAsync($$"""
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "zz-other"}, "webhooks": [{"name": "one-gpu.example.com",
             "clientConfig": {"url": "https://127.0.0.1:{{port}}/", "caBundle": "{{Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}}"},
             "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}], "namespaceSelector": {"matchLabels": {"undone": "yes"} },
             "reinvocationPolicy": "IfNeeded", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Fail"}]}
            """);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            var undone = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, "undone", gpus: 0));
            return new Observation(ours.ExitCode == 0 && Cluster.IsDenied(undone) && undone.Error.Contains("Fix: ", StringComparison.Ordinal), $"alone: {Cluster.Said(ours)}; undone: {Cluster.Said(undone)}");
        }
        finally
        {
            await cluster.KubectlAsync("delete", "mutatingwebhookconfiguration", "zz-other");
        }
    }

    private static async Task<WebApplication> StartAsync(X509Certificate2 certificate, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(async context =>
        {
            var review = await JsonNode.ParseAsync(context.Request.Body);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject
            {
                ["apiVersion"] = "admission.k8s.io/v1",
                ["kind"] = "AdmissionReview",
                ["response"] = new JsonObject
                {
                    ["uid"] = (string?)review!["request"]!["uid"], ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(OneGpu)),
                },
            }.ToJsonString());
        });
        await app.StartAsync();
        return app;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
