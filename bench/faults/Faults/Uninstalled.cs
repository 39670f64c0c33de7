namespace GpuMem.Bench.Faults.Faults;

internal sealed class Uninstalled : IFault
{
    public string Id => "C06";

    public string Expected => "helm uninstall while nothing of it runs: only its CRDs are left, pods are created, and it can be installed again";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        await cluster.StopWebhookAsync();
        await cluster.UninstallAsync();
        var left = await cluster.KubectlAsync(
            "get", "validatingwebhookconfigurations,mutatingwebhookconfigurations,clusterroles,clusterrolebindings", "-o", "name", "-l", "app.kubernetes.io/instance=gpumem");
        var inside = await cluster.KubectlAsync("get", "deployments,services,configmaps,roles,rolebindings,serviceaccounts", "-n", "gpumem-system", "-o", "name", "-l", "app.kubernetes.io/instance=gpumem");
        var pod = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge));
        var jobs = await cluster.KubectlAsync("get", "trainingjobs", "-n", ns, "-o", "name");
        await cluster.InstallAsync();
        await cluster.StartWebhookAsync();
        var denied = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, "q"));
        return new Observation(
            left.Length == 0 && inside.Length == 0 && pod.ExitCode == 0 && jobs.Contains(EnforcedNamespace.TooLarge, StringComparison.Ordinal) && Cluster.IsDenied(denied),
            $"left: {(left + inside is { Length: > 0 } some ? some.ReplaceLineEndings(" ") : "nothing")}; a GPU pod: {Cluster.Said(pod)}; TrainingJobs kept: {jobs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length}; installed again: {(Cluster.IsDenied(denied) ? "decides" : Cluster.Said(denied))}");
    }
}
