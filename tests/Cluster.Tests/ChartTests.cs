using System.Text.RegularExpressions;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

public sealed partial class ChartTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>
{
    private static readonly string Chart = Path.Combine(RepositoryRoot.Path, "charts", "gpumem");

    [ClusterFact]
    public async Task It_has_nothing_that_helm_would_warn_of() => await HelmAsync("lint", "--strict", Chart);

    [ClusterFact]
    public async Task Its_page_lists_the_values_there_are()
    {
        var (exitCode, _, error) = await Script.RunAsync(Path.Combine(RepositoryRoot.Path, "hack", "chart-readme.sh"), ["--check"]);
        Assert.True(exitCode == 0, error);
    }

    [ClusterFact]
    public async Task A_value_that_does_not_exist_is_refused()
    {
        var (exitCode, _, error) = await RunHelmAsync("template", "gpumem", Chart, "--set", "webhook.replica=3");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("replica", error);
    }

    [ClusterFact]
    public async Task Prometheus_is_told_where_the_metrics_are_unless_that_is_switched_off()
    {
        string[] webhook = ["template", "gpumem", Chart, "--show-only", "templates/webhook.yaml"];
        string[] told = ["prometheus.io/path: /metrics", "prometheus.io/port: \"8081\"", "prometheus.io/scrape: \"true\""];

        var (_, usual, _) = await RunHelmAsync(webhook);
        Assert.All(told, line => Assert.Contains(line, usual));

        var (_, without, _) = await RunHelmAsync([.. webhook, "--set", "metrics.annotations=false"]);
        Assert.DoesNotContain("annotations:", without);

        var (_, own, _) = await RunHelmAsync([.. webhook, "--set-string", @"podAnnotations.prometheus\.io/scrape=false"]);
        Assert.Contains("prometheus.io/scrape: \"false\"", own);
    }

    [ClusterFact]
    public async Task The_page_is_there_where_it_is_asked_for_reads_and_changes_nothing()
    {
        var (_, usual, _) = await RunHelmAsync("template", "gpumem", Chart);
        Assert.DoesNotContain("gpumem-page", usual);

        var (exitCode, asked, error) = await RunHelmAsync("template", "gpumem", Chart, "--set", "page.enabled=true,page.hosts={gpumem.example.com}");
        Assert.True(exitCode == 0, error);
        Assert.Contains("- --host=gpumem-page.default.svc\n", asked);
        Assert.Contains("- --host=gpumem.example.com\n", asked);
        Assert.Contains("{name: health, containerPort: 8090}", asked);
        Assert.Contains("{port: 8090, protocol: TCP}", asked);

        var (_, rights, _) = await RunHelmAsync("template", "gpumem", Chart, "--set", "page.enabled=true", "--show-only", "templates/rbac-page.yaml");
        Assert.Equal(3, rights.Split("verbs: [get, list]\n").Length - 1);
        Assert.Equal(6, rights.Split("verbs:").Length - 1);
        Assert.Equal(3, rights.Split("verbs: [list]\n").Length - 1);
        Assert.DoesNotContain("secrets", rights);
    }

    [ClusterFact]
    public async Task With_cert_manager_the_webhook_is_given_its_certificate_and_has_no_right_to_make_one_or_to_say_who_is_trusted()
    {
        var (_, own, _) = await RunHelmAsync("template", "gpumem", Chart);
        Assert.DoesNotContain("cert-manager.io", own);
        Assert.Contains("resourceNames: [gpumem-webhook-certs]", own);

        var (_, given, _) = await RunHelmAsync("template", "gpumem", Chart, "--set", "webhook.certificates.certManager.enabled=true");
        Assert.Contains("--cert-dir=/certificate", given);
        Assert.Contains("secret: {secretName: gpumem-webhook-tls}", given);
        Assert.Contains("gpumem-webhook.default.svc", given);
        Assert.Contains("kind: Issuer", given);
        Assert.Equal(2, given.Split("cert-manager.io/inject-ca-from: default/gpumem-webhook\n").Length - 1);
        Assert.DoesNotContain("resources: [secrets]", given);
        Assert.DoesNotContain("# caBundle", given);

        var (_, issued, _) = await RunHelmAsync(
            "template", "gpumem", Chart, "--set", "webhook.certificates.certManager.enabled=true,webhook.certificates.certManager.issuerRef.name=company");
        Assert.Contains("name: company", issued);
        Assert.DoesNotContain("kind: Issuer", issued);
    }

    [ClusterFact]
    public async Task Dashboard_and_alerts_name_only_metrics_that_there_are()
    {
        var (_, measured, _) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments("metrics"));
        var known = measured.Split('\n').Select(line => line.Split(' ')[0]).ToHashSet();
        var (exitCode, given, error) = await RunHelmAsync("template", "gpumem", Chart, "--set", "metrics.dashboard.enabled=true,metrics.rules.enabled=true,metrics.rules.labels.release=prometheus");
        Assert.True(exitCode == 0, error);

        var named = Metric().Matches(given).Select(name => name.Value).ToHashSet();
        Assert.DoesNotContain(named, name => !known.Contains(name) && !known.Contains(Bucket().Replace(name, "")) && !name.StartsWith("apiserver_", StringComparison.Ordinal));
        Assert.Contains("gpumem_webhook_reviews_total", named);
        Assert.Contains("kind: PrometheusRule", given);
        Assert.Contains("grafana_dashboard: \"1\"", given);
        Assert.Contains("release: prometheus", given);

        var (_, usual, _) = await RunHelmAsync("template", "gpumem", Chart);
        Assert.DoesNotContain("PrometheusRule", usual);
        Assert.DoesNotContain("grafana", usual);
    }

    [ClusterFact]
    public async Task A_namespace_that_the_values_enforce_is_as_closed_as_one_that_is_labelled_so()
    {
        var (_, usual, _) = await RunHelmAsync("template", "gpumem", Chart);
        Assert.DoesNotContain("by-name", usual);

        var (exitCode, given, error) = await RunHelmAsync("template", "gpumem", Chart, "--set", "policy.namespaces.research=Enforce,policy.namespaces.sandbox=Off");
        Assert.True(exitCode == 0, error);
        Assert.Equal(2, given.Split("- --namespace-mode=research=Enforce\n").Length - 1);
        Assert.Equal(2, given.Split("- --namespace-mode=sandbox=Off\n").Length - 1);
        var byName = given[given.IndexOf("- name: validate-pod-enforced-by-name.gpumem.io", StringComparison.Ordinal)..];
        Assert.Contains("failurePolicy: Fail", byName[..byName.IndexOf("rules:", StringComparison.Ordinal)]);
        Assert.Contains("""{key: kubernetes.io/metadata.name, operator: In, values: ["research"]}""", byName);

        var (refused, _, why) = await RunHelmAsync("template", "gpumem", Chart, "--set", "policy.namespaces.research=Forbid");
        Assert.NotEqual(0, refused);
        Assert.Contains("Enforce", why);
    }

    [ClusterFact]
    public async Task Webhooks_that_API_servers_read_from_files_are_registered_nowhere_else_and_have_a_certificate_for_their_own_host()
    {
        const string Static = "webhook.staticManifests.url=https://gpumem.example.com:9443,webhook.certificates.certManager.enabled=true";
        var (_, installed, _) = await RunHelmAsync("template", "gpumem", Chart, "--set", $"{Static},webhook.staticManifests.caBundle=Q0E=");
        Assert.DoesNotContain("WebhookConfiguration", installed);
        Assert.Contains("- --cert-host=gpumem.example.com\n", installed);
        Assert.Contains("  - gpumem.example.com\n  usages:", installed);

        var (exitCode, _, why) = await RunHelmAsync("template", "gpumem", Chart, "--set", $"{Static},webhook.staticManifests.print=Mutating");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("caBundle", why);
    }

    [ClusterFact]
    public async Task Only_API_servers_of_a_CA_are_answered_where_that_is_asked_for()
    {
        const string Clients = "webhook.certificates.clients";
        var (_, given, _) = await RunHelmAsync("template", "gpumem", Chart, "--set", $"{Clients}.caConfigMap=apiservers,{Clients}.names={{kube-apiserver}}");
        Assert.Contains("- --client-ca=/client-ca/ca.crt\n        - --client-name=kube-apiserver\n", given);
        Assert.Contains("configMap: {name: apiservers}", given);
        Assert.Equal(1, given.Split("mountPath: /client-ca\n").Length - 1);
    }

    [ClusterFact]
    public async Task The_server_takes_all_of_it_and_an_upgrade_keeps_the_certificates_that_the_webhook_wrote()
    {
        string[] release = ["chart-test", Chart, "--namespace", "chart-test"];
        await HelmAsync(["install", .. release, "--create-namespace", "--set", "crds.install=false"]);
        try
        {
            var (exitCode, _, error) = await controlPlane.KubectlAsync(
                "patch", "mutatingwebhookconfiguration", "chart-test-gpumem", "--type=json",
                "--patch", """[{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "Q0E="}]""");
            Assert.True(exitCode == 0, error);

            await HelmAsync(["upgrade", .. release, "--set", "crds.install=false,webhook.timeoutSeconds=2"]);

            var (_, webhook, _) = await controlPlane.KubectlAsync(
                "get", "mutatingwebhookconfiguration", "chart-test-gpumem",
                "--output", "jsonpath={.webhooks[0].timeoutSeconds} {.webhooks[0].clientConfig.caBundle}");
            Assert.Equal("2 Q0E=", webhook);
        }
        finally
        {
            // Its TrainingJob webhook refuses when nothing answers: other tests must not meet it.
            await HelmAsync("uninstall", "chart-test", "--namespace", "chart-test");
        }
    }

    private async Task HelmAsync(params string[] args)
    {
        var (exitCode, output, error) = await RunHelmAsync(args);
        Assert.True(exitCode == 0, $"helm {args[0]} failed:\n{output}{error}");
    }

    private async Task<(int ExitCode, string Output, string Error)> RunHelmAsync(params string[] args) =>
        await Script.RunAsync(
            await ClientTool.PathAsync("helm"), [.. args, "--kubeconfig", controlPlane.Kubeconfig]);

    [GeneratedRegex(@"\b(gpumem|workqueue|controller_runtime|leader_election|apiserver)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Bucket();
}
