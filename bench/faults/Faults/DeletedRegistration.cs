using System.Text.Json.Nodes;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class DeletedRegistration : IFault
{
    private static readonly string[] Kinds = ["validatingwebhookconfiguration", "mutatingwebhookconfiguration"];

    public string Id => "C05";

    public string Expected => "both configurations are deleted in an emergency: they stay away, pods are admitted, and installed again they are trusted within 5 s";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        List<string> saved = [];
        foreach (var kind in Kinds)
        {
            var found = JsonNode.Parse(await cluster.KubectlAsync("get", kind, "gpumem", "-o", "json"))!;
            foreach (var member in new[] { "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields" })
                found["metadata"]!.AsObject().Remove(member);
            foreach (var webhook in found["webhooks"]!.AsArray())
                webhook!["clientConfig"]!.AsObject().Remove("caBundle");
            saved.Add(found.ToJsonString());
            await cluster.KubectlAsync("delete", kind, "gpumem");
        }
        await Task.Delay(TimeSpan.FromSeconds(40));
        var back = await cluster.KubectlAsync("get", string.Join(',', Kinds), "-o", "name");
        var ns = await cluster.NewNamespaceAsync();
        var pod = await cluster.ControlPlane.KubectlWithInputAsync(
            """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}""", "create", "-n", ns, "-f", "-");
        foreach (var configuration in saved)
            await cluster.ControlPlane.KubectlWithInputAsync(configuration, "create", "-f", "-");
        var trusted = await Cluster.UntilAsync(
            async () => !(await cluster.KubectlAsync("get", string.Join(',', Kinds), "-o", "jsonpath={range .items[*].webhooks[*]}[{.clientConfig.caBundle}]{end}")).Contains("[]", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        return new Observation(
            !back.Contains("gpumem", StringComparison.Ordinal) && pod.ExitCode == 0 && trusted <= 5,
            $"after 40 s: {(back.Length == 0 ? "none" : back.Trim())}; a GPU pod: {(pod.ExitCode == 0 ? "admitted" : pod.Error)}; trusted {trusted} s after they were installed again");
    }
}
