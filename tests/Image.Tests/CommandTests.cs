using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuMem.TestKit;

namespace GpuMem.Image.Tests;

/// <summary>Every command works in the image: on a read-only file system, as its user, with no file but its own.</summary>
public sealed class CommandTests(UnpackedImage image) : IClassFixture<UnpackedImage>
{
    private static readonly string Samples = Path.Combine(RepositoryRoot.Path, "config", "samples");

    [Theory]
    [InlineData("--help", "operator")]
    [InlineData("operator --help", "--leader-elect")]
    [InlineData("webhook --help", "--cert-host")]
    [InlineData("crd", "kind: CustomResourceDefinition")]
    [InlineData("estimate -m llama-3.1-8b -s 8192 --gpus 8 --gpu h100-80gb", "expected")]
    [InlineData("explain -m llama-3.1-8b -s 8192", "optimizer states")]
    [InlineData("inference -m llama-3.1-8b -s 8192", "key-value cache")]
    [InlineData("model llama-3.1-8b", "8,030,261,248")]
    [InlineData("admit -f /tmp/jobs/llama-70b-qlora.yaml --nodes /tmp/nodes/h100.yaml", "trainingjob/llama-70b-qlora: allowed")]
    public async Task A_command_answers(string command, string says)
    {
        var (exitCode, output, error) = await Container.RunAsync(image, Samples, command.Split(' '));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(says, output);
    }

    [Fact]
    public async Task Measured_runs_are_evaluated()
    {
        var (exitCode, output, error) = await Container.RunAsync(image, AppContext.BaseDirectory, "evaluate", "/tmp/case.jsonl", "--json");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("{", output);
    }

    [Fact]
    public async Task Nothing_can_be_written()
    {
        var (exitCode, _, error) = await Container.RunAsync(image, null, "crd", "--write", "/crds");
        Assert.Equal(1, exitCode);
        Assert.Contains("Read-only file system", error);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("webhook")]
    public async Task Operator_and_webhook_reach_an_API_server_over_TLS(string command)
    {
        using var certificate = Certificate();
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        var folder = Directory.CreateTempSubdirectory("gpumem-kubeconfig-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "config"), Kubeconfig(server.LocalEndpoint, certificate));
        using var process = Container.Launch(image, folder.FullName, command, "--kubeconfig", "/tmp/config", "--address", "127.0.0.1", "--health-port", "0");
        try
        {
            var request = FirstRequestAsync(server, certificate);
            if (await Task.WhenAny(request, process.WaitForExitAsync()) != request)
                Assert.Fail(await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync());
            Assert.Matches("^(GET|POST|PATCH) /api", await request);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> FirstRequestAsync(TcpListener server, X509Certificate2 certificate)
    {
        using var client = await server.AcceptTcpClientAsync();
        await using SslStream stream = new(client.GetStream());
        await stream.AuthenticateAsServerAsync(certificate);
        var bytes = new byte[4096];
        return Encoding.ASCII.GetString(bytes, 0, await stream.ReadAtLeastAsync(bytes, 16, throwOnEndOfStream: false));
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=api-server", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static string Kubeconfig(EndPoint server, X509Certificate2 certificate) => $$$"""
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test, namespace: gpumem-system}}]
        clusters:
        - name: test
          cluster:
            server: https://{{{server}}}
            certificate-authority-data: {{{Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}}}
        users: [{name: test, user: {token: none}}]
        """;
}
