using GpuMem.Kubernetes.Configuration;

namespace GpuMem.Kubernetes.Tests.Configuration;

public sealed class KubeConfigTests : IDisposable
{
    private const string Secret = "very-secret-token";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task T2_The_current_context_says_where_and_who()
    {
        string path = Write("config", $$"""
            apiVersion: v1
            kind: Config
            current-context: dev
            clusters:
            - name: one
              cluster: {server: "https://one:6443", tls-server-name: inner, proxy-url: "http://proxy:3128", insecure-skip-tls-verify: true}
            - name: two
              cluster: {server: "https://two:6443"}
            contexts:
            - name: dev
              context: {cluster: one, user: me, namespace: team}
            - name: prod
              context: {cluster: two, user: me}
            users:
            - name: me
              user: {token: {{Secret}}}
            """);
        KubernetesClientConfiguration dev = KubernetesClientConfiguration.BuildConfigFromConfigFile(path);
        Assert.Equal(("https://one:6443/", "team", "inner", true), (dev.Host.ToString(), dev.Namespace, dev.TlsServerName, dev.SkipTlsVerify));
        Assert.Equal("http://proxy:3128/", dev.ProxyUrl!.ToString());
        ClientCredential credential = await dev.Credentials.GetAsync(false, default);
        Assert.Equal(Secret, credential.Token);
        Assert.DoesNotContain(Secret, credential.ToString(), StringComparison.Ordinal);

        KubernetesClientConfiguration prod = KubernetesClientConfiguration.BuildConfigFromConfigFile(path, "prod");
        Assert.Equal(("https://two:6443/", "default"), (prod.Host.ToString(), prod.Namespace));
    }

    [Fact]
    public void T2_A_missing_context_is_named_together_with_those_there_are()
    {
        string path = Write("config", Minimal("dev"));
        KubernetesConfigurationException error = Assert.Throws<KubernetesConfigurationException>(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(path, "x"));
        Assert.Equal($"context 'x' is not in {path}. It has: dev", error.Message);
    }

    [Theory]
    [InlineData("current-context: dev\ncontexts: [{name: dev, context: {cluster: c}}]", "cluster 'c' is not in")]
    [InlineData("contexts: [{name: dev, context: {cluster: c}}]", "has no current-context. It has: dev")]
    [InlineData("current-context: dev\ncontexts: [{name: dev, context: {}}]", "names no cluster")]
    [InlineData("current-context: dev\ncontexts: [{name: dev, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]", "has no server")]
    [InlineData("current-context: dev\ncontexts: [{name: dev, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: nowhere}}]", "server is not a URL")]
    [InlineData("a: [", "line ")]
    public void T2_What_is_wrong_is_said(string content, string expected)
    {
        string path = Write("config", content);
        KubernetesConfigurationException error = Assert.Throws<KubernetesConfigurationException>(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void T2_Of_several_files_the_first_entry_counts_and_missing_files_do_not_matter()
    {
        string first = Write("first", "current-context: dev\ncontexts: [{name: dev, context: {cluster: shared, namespace: first}}]");
        string second = Write("second", Minimal("dev").Replace("https://c:6443", "https://second:6443", StringComparison.Ordinal).Replace("name: c", "name: shared", StringComparison.Ordinal));
        KubernetesClientConfiguration merged = KubeConfigFiles.LoadAll([first, Path.Combine(_folder.FullName, "absent"), second]).Configure(null);
        Assert.Equal(("https://second:6443/", "first"), (merged.Host.ToString(), merged.Namespace));

        KubernetesConfigurationException none = Assert.Throws<KubernetesConfigurationException>(() => KubeConfigFiles.LoadAll(["/absent/a", "/absent/b"]));
        Assert.Contains("/absent/a or /absent/b", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void T2_The_variable_lists_files_and_the_home_directory_has_one_otherwise()
    {
        Assert.Equal(["/a", "b/c"], KubeConfigFiles.Candidates($"/a{Path.PathSeparator}{Path.PathSeparator}b/c"));
        foreach (string? nothing in new[] { null, "" })
            Assert.EndsWith(Path.Combine(".kube", "config"), Assert.Single(KubeConfigFiles.Candidates(nothing)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T2_Paths_are_relative_to_the_file_that_holds_them()
    {
        using TestCertificates certificates = new();
        _folder.CreateSubdirectory("pki");
        Write("pki/ca.crt", certificates.Authorities[0].ExportCertificatePem());
        Write("pki/token", Secret + "\n");
        string path = Write("config", Minimal("dev", cluster: ", certificate-authority: pki/ca.crt", user: "tokenFile: pki/token"));
        KubernetesClientConfiguration configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(path);
        Assert.Equal(certificates.Authorities[0].Thumbprint, Assert.Single(configuration.SslCaCerts!).Thumbprint);
        Assert.Equal(Secret, (await configuration.Credentials.GetAsync(false, default)).Token);
    }

    [Theory]
    [InlineData("client-key-data: c2VjcmV0LWtleS10ZXh0, client-certificate-data: c2VjcmV0LWtleS10ZXh0", "is not valid PEM")]
    [InlineData("client-key-data: 'secret-key-text!', client-certificate-data: c2VjcmV0LWtleS10ZXh0", "client-key-data is not base64")]
    [InlineData("client-certificate-data: c2VjcmV0LWtleS10ZXh0", "only one of")]
    public void T3_Bad_keys_are_reported_without_showing_them(string user, string expected)
    {
        string path = Write("config", Minimal("dev", user: user));
        KubernetesConfigurationException error = Assert.Throws<KubernetesConfigurationException>(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key-text", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("users: [{name: u, user: {token: very-secret-token")]
    [InlineData("users:\n- name: u\n  user:\n    token: \"very-secret-token\n")]
    [InlineData("users:\n- name: u\n  user:\n\ttoken: very-secret-token\n")]
    [InlineData("users:\n- name: u\n  user:\n    token: {very-secret-token: 1}\n")]
    [InlineData("users:\n- name: u\n  user:\n    token: a: very-secret-token\n")]
    [InlineData("users:\n- name: u\n  user:\n    token: x\n    exec: very-secret-token\n")]
    [InlineData("users:\n- name: u\n  user: very-secret-token\n")]
    [InlineData("users:\n- name: u\n  user: !!int very-secret-token\n")]
    [InlineData("users: very-secret-token")]
    [InlineData("very-secret-token")]
    public void T3_A_file_that_cannot_be_read_is_not_quoted(string content)
    {
        string path = Write("config", content);
        KubernetesConfigurationException error = Assert.Throws<KubernetesConfigurationException>(
            () => KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_gets_its_arguments_apart_and_runs_once_until_it_expires_or_is_refused()
    {
        string count = Path.Combine(_folder.FullName, "count");
        Write("plugin.sh", $$"""
            #!/bin/sh
            echo run >> '{{count}}'
            case "$KUBERNETES_EXEC_INFO" in *'"kind":"ExecCredential"'*) ;; *) exit 7;; esac
            printf '{"kind":"ExecCredential","status":{"token":"%s|%s|%s","expirationTimestamp":"2030-01-01T01:00:00Z"} }' "$1" "$2" "$GREETING"
            """);
        string path = Write("config", Minimal("dev", user: $$"""
            exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [{{Path.Combine(_folder.FullName, "plugin.sh")}}, "two words", "$HOME"], env: [{name: GREETING, value: "a b"}]}
            """));
        ManualTime time = new();
        IClientCredentials credentials = KubeConfigFiles.Load(path).Configure(null, time).Credentials;
        ClientCredential[] all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => credentials.GetAsync(false, default).AsTask()));
        Assert.All(all, credential => Assert.Equal("two words|$HOME|a b", credential.Token));
        Assert.Single(await File.ReadAllLinesAsync(count));

        await credentials.GetAsync(true, default);
        Assert.Equal(2, (await File.ReadAllLinesAsync(count)).Length);
        time.Advance(TimeSpan.FromMinutes(60));
        await credentials.GetAsync(false, default);
        Assert.Equal(3, (await File.ReadAllLinesAsync(count)).Length);
    }

    [Theory]
    [InlineData("command: /absent/plugin, installHint: Install it first.", "Install it first.")]
    [InlineData("command: /bin/sh, args: ['-c', 'echo very-secret-token; exit 3']", "ended with status 3")]
    [InlineData("command: /bin/sh, args: ['-c', 'echo very-secret-token']", "did not print an ExecCredential")]
    [InlineData("command: /bin/sh, args: ['-c', 'echo {\\\"status\\\":{}}']", "neither a token nor a certificate")]
    public async Task T3_A_plugin_that_fails_is_named_and_its_output_is_not_shown(string exec, string expected)
    {
        string path = Write("config", Minimal("dev", user: $$"""exec: { {{exec}} }"""));
        IClientCredentials credentials = KubernetesClientConfiguration.BuildConfigFromConfigFile(path).Credentials;
        KubernetesConfigurationException error = await Assert.ThrowsAsync<KubernetesConfigurationException>(
            async () => await credentials.GetAsync(false, default));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("user 'u'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_uses_its_service_account()
    {
        using TestCertificates certificates = new();
        Write("ca.crt", certificates.Authorities[0].ExportCertificatePem());
        Write("token", Secret);
        Write("namespace", "gpumem-system\n");
        ServiceAccount account = new("fd00::1", "443", _folder.FullName, new ManualTime());
        Assert.True(account.Exists);
        KubernetesClientConfiguration configuration = account.Configure();
        Assert.Equal(("https://[fd00::1]/", "gpumem-system"), (configuration.Host.ToString(), configuration.Namespace));
        Assert.Equal(Secret, (await configuration.Credentials.GetAsync(false, default)).Token);
        Assert.False((account with { Host = null }).Exists);
        Assert.Throws<KubernetesConfigurationException>(() => (account with { Host = null }).Configure());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Minimal(string context, string cluster = "", string user = "token: t") => $$"""
        current-context: {{context}}
        contexts: [{name: {{context}}, context: {cluster: c, user: u} }]
        clusters: [{name: c, cluster: {server: "https://c:6443"{{cluster}} } }]
        users:
        - name: u
          user: { {{user.Trim()}} }
        """;

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
