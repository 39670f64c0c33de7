using System.Text.Json.Nodes;
using GpuMem.Kubernetes;
using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>What a real API server makes of the CRDs.</summary>
public sealed class CrdTests(ControlPlane controlPlane) : IClassFixture<ControlPlane>
{
    // A group of their own keeps them apart from those that the chart installs into the same API server.
    private const string Group = "crd-test.example.com";

    private const string Job = "spec: {model: {parameters: 7B}, training: {sequenceLength: 8192}}";

    private const string Pool = "spec: {maxNodes: 2}";

    [ClusterFact]
    public async Task C2_TrainingJobs_are_established_and_structural_and_have_a_status_and_columns() => await IsAcceptedAsync("trainingjobs", "TrainingJob", Job);

    [ClusterFact]
    public async Task C2_GpuPools_are_established_and_structural_and_have_a_status_and_columns() => await IsAcceptedAsync("gpupools", "GpuPool", Pool);

    private async Task IsAcceptedAsync(string plural, string kind, string spec)
    {
        var name = $"{plural}.{Group}";
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "config", "crd", $"{plural}.yaml"));
        try
        {
            // Without validation, because servers that know no CEL rules refuse them by name, and drop them otherwise.
            await controlPlane.ApplyAsync(text.Replace("gpumem.io", Group, StringComparison.Ordinal), "--validate=false");
            await KubectlAsync("wait", "--for=condition=Established", "--timeout=60s", $"crd/{name}");
            var stored = JsonNode.Parse(await KubectlAsync("get", "crd", name, "-o", "json"))!;
            Assert.DoesNotContain(stored["status"]!["conditions"]!.AsArray(), condition => (string?)condition!["type"] == "NonStructuralSchema");

            // Otherwise GitOps tools see a difference for ever.
            Assert.Equal(WithoutRules(KubernetesYaml.LoadAllFromString(text).Single()["spec"]!["versions"]), WithoutRules(stored["spec"]!["versions"]));

            await controlPlane.ApplyAsync($"apiVersion: {Group}/v1alpha1\nkind: {kind}\nmetadata: {{name: sample}}\n{spec}", "--namespace", "default");
            await KubectlAsync("patch", name, "sample", "--namespace", "default", "--type", "merge", "--patch", """{"status": {"observedGeneration": 7}}""");
            Assert.Equal("", await KubectlAsync("get", name, "sample", "--namespace", "default", "-o", "jsonpath={.status.observedGeneration}"));
            Assert.Contains($"\"{plural}/status\"", await KubectlAsync("get", "--raw", $"/apis/{Group}/v1alpha1"));

            var headings = (await KubectlAsync("get", name, "--namespace", "default", "-o", "wide")).Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(["NAME", .. Columns(text)], headings);
        }
        finally
        {
            await KubectlAsync("delete", "crd", name, "--ignore-not-found");
        }
    }

    /// <summary>In one order, and without CEL rules, which servers before 1.29 may drop.</summary>
    private static string? WithoutRules(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(",\n", map.Where(field => field.Key != "x-kubernetes-validations").OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key}: {WithoutRules(field.Value)}")) + "}",
        JsonArray list => "[" + string.Join(",\n", list.Select(WithoutRules)) + "]",
        _ => node?.ToString(),
    };

    private static IEnumerable<string> Columns(string crd) =>
        KubernetesYaml.LoadAllFromString(crd).Single()["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.AsArray()
            .Select(column => ((string)column!["name"]!).ToUpperInvariant());

    private async Task<string> KubectlAsync(params string[] args)
    {
        var (exitCode, output, error) = await controlPlane.KubectlAsync(args);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', args)} failed:\n{output}{error}");
        return output;
    }
}
