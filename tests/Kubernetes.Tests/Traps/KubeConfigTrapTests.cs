using GpuMem.Kubernetes.Configuration;

namespace GpuMem.Kubernetes.Tests.Traps;

/// <summary>
/// Kubeconfigs that kubectl reads and the package KubernetesClient reads as something else (findings/kubeconfig-*.sh). tokenFile:
/// <see cref="Configuration.KubeConfigTests.T2_Paths_are_relative_to_the_file_that_holds_them"/>; proxy-url:
/// <see cref="Configuration.KubeConfigTests.T2_The_current_context_says_where_and_who"/>; how often a plugin runs:
/// <see cref="Configuration.KubeConfigTests.A_plugin_gets_its_arguments_apart_and_runs_once_until_it_expires_or_is_refused"/>.
/// </summary>
public sealed class KubeConfigTrapTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    [Theory]
    [InlineData("prod", "https://lower:6443/")]
    [InlineData("PROD", "https://upper:6443/")]
    public void Contexts_whose_names_differ_in_case_are_two(string context, string server)
    {
        string path = Write("config", """
            clusters: [{name: c, cluster: {server: "https://upper:6443"}}, {name: C, cluster: {server: "https://lower:6443"}}]
            contexts: [{name: PROD, context: {cluster: c}}, {name: prod, context: {cluster: C}}]
            """);
        Assert.Equal(server, KubernetesClientConfiguration.BuildConfigFromConfigFile(path, context).Host.ToString());
    }

    [Fact]
    public void A_context_that_is_there_in_another_case_only_is_not_there()
    {
        string path = Write("config", """
            clusters: [{name: c, cluster: {server: "https://c:6443"}}]
            contexts: [{name: PROD, context: {cluster: c}}]
            """);
        KubernetesConfigurationException error = Assert.Throws<KubernetesConfigurationException>(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(path, "prod"));
        Assert.Equal($"context 'prod' is not in {path}. It has: PROD", error.Message);
    }

    [Fact]
    public void A_relative_path_of_the_second_file_is_beside_the_second_file()
    {
        using TestCertificates beside = new();
        using TestCertificates elsewhere = new();
        string first = Write("one/config", "current-context: dev");
        Write("one/ca.crt", elsewhere.Authorities[0].ExportCertificatePem());
        string second = Write("two/config", """
            clusters: [{name: c, cluster: {server: "https://c:6443", certificate-authority: ca.crt}}]
            contexts: [{name: dev, context: {cluster: c}}]
            """);
        Write("two/ca.crt", beside.Authorities[0].ExportCertificatePem());
        KubernetesClientConfiguration merged = KubeConfigFiles.LoadAll([first, second]).Configure(null);
        Assert.Equal(beside.Authorities[0].Thumbprint, Assert.Single(merged.SslCaCerts!).Thumbprint);
    }

    [Fact]
    public async Task A_plugins_arguments_keep_their_blanks_and_the_empty_ones()
    {
        string plugin = Write("plugin.sh", """
            printf '{"status":{"token":"%s"} }' "$(printf '[%s]' "$@")"
            """);
        string path = Write("config", $$"""
            current-context: dev
            clusters: [{name: c, cluster: {server: "https://c:6443"} }]
            contexts: [{name: dev, context: {cluster: c, user: u} }]
            users:
            - name: u
              user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [{{plugin}}, "--scope=api read", "", "last"]} }
            """);
        ClientCredential credential = await KubernetesClientConfiguration.BuildConfigFromConfigFile(path).Credentials.GetAsync(false, default);
        Assert.Equal("[--scope=api read][][last]", credential.Token);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
