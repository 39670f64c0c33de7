using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>Webhooks that an API server reads from files (KEP-5793): no object says that they are there, so nobody can delete it.</summary>
public sealed class StaticManifestTests : IDisposable
{
    private const string Namespace = InstalledGpuMem.Namespace;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpumem-");

    public void Dispose() => _folder.Delete(recursive: true);

    [ClusterFact(MinimumServerVersion = "1.36")]
    public async Task Pods_are_judged_by_files_that_the_chart_prints()
    {
        var port = InstalledGpuMem.FreePort();
        var values = $"policy.mode=Enforce,webhook.staticManifests.url=https://127.0.0.1:{port},webhook.staticManifests.caBundle={Certificate()}";
        foreach (var kind in new[] { "Mutating", "Validating" })
            await PrintAsync(kind, values);
        await File.WriteAllTextAsync(PathOf("admission.yaml"), $"""
            apiVersion: apiserver.config.k8s.io/v1
            kind: AdmissionConfiguration
            plugins:
            - name: MutatingAdmissionWebhook
              configuration: {"{"}apiVersion: apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration, staticManifestsDir: {PathOf("Mutating")}{"}"}
            - name: ValidatingAdmissionWebhook
              configuration: {"{"}apiVersion: apiserver.config.k8s.io/v1, kind: WebhookAdmissionConfiguration, staticManifestsDir: {PathOf("Validating")}{"}"}
            """);
        var controlPlane = await ControlPlane.NewAsync("--feature-gates=ManifestBasedAdmissionControlConfig=true", $"--admission-control-config-file={PathOf("admission.yaml")}");
        try
        {
            await HelmAsync("install", "gpumem", Chart, "--create-namespace", "--namespace", Namespace, "--kubeconfig", controlPlane.Kubeconfig, "--set", values);
            Assert.Equal("", (await controlPlane.KubectlAsync("get", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "-o", "name")).Output);
            await controlPlane.ApplyAsync("""
                apiVersion: gpumem.io/v1alpha1
                kind: GpuPool
                metadata: {name: l4}
                spec: {product: NVIDIA-L4, gpusPerNode: 1, maxNodes: 1}
                """);
            await using var webhook = InstalledGpuMem.NewWebhook(await controlPlane.KubeconfigForAsync(Namespace, "gpumem-webhook"), port, "--cert-dir", _folder.FullName, "--cert-host", "127.0.0.1");
            await webhook.HasLoggedAsync("Ready on port");

            // A TrainingJob is refused while nobody answers for it, so it is the first to show that the files count.
            await controlPlane.ApplyAsync("""
                apiVersion: gpumem.io/v1alpha1
                kind: TrainingJob
                metadata: {name: large, namespace: default}
                spec: {model: {name: meta-llama/Llama-3.1-8B}, training: {method: Full, sequenceLength: 2048}, parallelism: {data: 1}}
                """);
            var denied = await DeniedAsync(controlPlane);
            Assert.Contains("denied the request: needs ", denied);
        }
        finally
        {
            await controlPlane.StopAsync();
        }
    }

    private static string Chart => Path.Combine(RepositoryRoot.Path, "charts", "gpumem");

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The webhook hears of the TrainingJob a moment after it was applied.</summary>
    private static async Task<string> DeniedAsync(ControlPlane controlPlane)
    {
        const string Pod = """
            apiVersion: v1
            kind: Pod
            metadata: {name: large-0, namespace: default, labels: {gpumem.io/training-job: large}}
            spec: {containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: 1}}}]}
            """;
        for (var attempt = 0; ; attempt++)
        {
            var (exitCode, _, error) = await controlPlane.KubectlWithInputAsync(Pod, "create", "--dry-run=server", "-f", "-");
            if (exitCode != 0)
                return error;
            Assert.True(attempt < 100, $"it is not refused: {error}");
        }
    }

    private async Task PrintAsync(string kind, string values)
    {
        var printed = await HelmAsync(
            "template", "gpumem", Chart, "--namespace", Namespace, "--kube-version", "1.36.0", "--set", $"{values},webhook.staticManifests.print={kind}", "--show-only", "templates/webhook-configurations.yaml");
        Directory.CreateDirectory(PathOf(kind));
        await File.WriteAllTextAsync(Path.Combine(PathOf(kind), "gpumem.yaml"), printed);
    }

    /// <summary>Written where the webhook reads it; returned as who trusts it needs it.</summary>
    private string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpumem", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var pem = certificate.ExportCertificatePem();
        File.WriteAllText(PathOf("tls.crt"), pem);
        File.WriteAllText(PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
    }

    private static async Task<string> HelmAsync(params string[] args)
    {
        var (exitCode, output, error) = await Script.RunAsync(await ClientTool.PathAsync("helm"), args);
        Assert.True(exitCode == 0, $"helm {args[0]} failed:\n{output}{error}");
        return output;
    }
}
