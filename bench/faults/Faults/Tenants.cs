namespace GpuMem.Bench.Faults.Faults;

/// <summary>What people with few rights try.</summary>
internal sealed class Tenants(string id, string expected, Func<Cluster, Task<Observation>> observe) : IFault
{
    private const string Tenant = "tenant";

    private const string Author = "author";

    /// <summary>What a template may say that its author could not, or that a careful cluster forbids.</summary>
    private static readonly IReadOnlyList<string> Escalations =
    [
        """ "serviceAccountName": "admin" """, """ "hostPID": true """, """ "hostNetwork": true """, """ "volumes": [{"name": "v", "hostPath": {"path": "/"}}] """,
        """ "volumes": [{"name": "v", "secret": {"secretName": "somebody-elses"}}] """, """ "nodeSelector": {"node-role.kubernetes.io/control-plane": ""} """, """ "tolerations": [{"operator": "Exists"}] """,
        """ "runtimeClassName": "none" """, """ "priorityClassName": "system-node-critical" """, """ "imagePullSecrets": [{"name": "registry"}] """, """ "securityContext": {"runAsUser": 0} """, """ "automountServiceAccountToken": true """,
    ];

    public static IReadOnlyList<Tenants> All { get; } =
    [
        new("C55", "an editor of a namespace cannot take it out of enforcement nor override a verdict, and no annotation of a pod does", EscapesAsync),
        new("C56", "a pod that names its node, and one that somebody calls a mirror pod, are judged as any other", PlacedAsync),
        new("C80", $"an author who may not create pods: {Escalations.Count} templates, and one that asks for nothing, all refused when they are applied, with no Job and no pod", EscalationsAsync),
        new("C82", "somebody who may not create pods changes the template of another's TrainingJob: refused, and the rest of it may be changed", SecondAuthorAsync),
        new("C83", "a Job of somebody else with the name and the label of a TrainingJob is neither changed nor adopted", AdoptionAsync),
    ];

    public string Id => id;

    public string Expected => expected;

    public Task<Observation> RunAsync(Cluster cluster) => observe(cluster);

    private static async Task<Observation> EscapesAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        // What the role `edit` becomes where a controller aggregates it.
        await cluster.KubectlAsync("create", "role", Tenant, "-n", ns, "--verb=get,list,create,update,patch,delete", "--resource=pods,trainingjobs.gpumem.io,modelservers.gpumem.io");
        await cluster.KubectlAsync("create", "rolebinding", Tenant, "-n", ns, $"--role={Tenant}", $"--user={Tenant}");
        var label = await AsAsync(cluster, Tenant, ns, null, "label", "namespace", ns, "gpumem.io/mode=Off", "--overwrite");
        var overridden = await AsAsync(cluster, Tenant, ns, null, "annotate", "trainingjob", EnforcedNamespace.TooLarge, "gpumem.io/override=it will fit");
        var node = await NodeAsync(cluster);
        List<string> escaped = [];
        foreach (var annotation in new[] { "gpumem.io/override", "gpumem.io/mode", "kubernetes.io/config.mirror", "gpumem.io/original", "gpumem.io/plan" })
        {
            var pod = EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, $"p{escaped.Count}", 4, $$""", "annotations": {"{{annotation}}": "Off"}""", $$""", "nodeName": "{{node}}" """);
            var answer = await AsAsync(cluster, Tenant, ns, pod, "create", "-f", "-");
            if (!Cluster.IsDenied(answer))
                escaped.Add($"{annotation} ({Cluster.Said(answer)})");
        }
        return new Observation(
            label.ExitCode != 0 && Cluster.IsDenied(overridden) && escaped.Count == 0,
            $"the label: {Cluster.Said(label)}; the override: {Cluster.Said(overridden)}; annotations that let a pod through: {(escaped.Count == 0 ? "none" : string.Join(", ", escaped))}");
    }

    private static async Task<Observation> PlacedAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var node = await NodeAsync(cluster);
        var placed = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, gpus: 4, spec: $$""", "nodeName": "{{node}}" """));
        var mirror = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, gpus: 4, metadata: """, "annotations": {"kubernetes.io/config.mirror": "x"}""", spec: $$""", "nodeName": "{{node}}" """));
        return new Observation(Cluster.IsDenied(placed) && Cluster.IsDenied(mirror), $"on {node}: {Cluster.Said(placed)}; as a mirror pod: {(Cluster.IsDenied(mirror) ? "refused" : Cluster.Said(mirror))}");
    }

    private static async Task<Observation> EscalationsAsync(Cluster cluster)
    {
        await using var process = await cluster.StartOperatorAsync();
        var ns = await AuthoredAsync(cluster);
        List<string> accepted = [];
        foreach (var escalation in Escalations.Prepend(""))
        {
            var answer = await AsAsync(cluster, Author, ns, Templated("escalation", escalation), "create", "-f", "-");
            if (!Cluster.IsDenied(answer) || !answer.Error.Contains("create pods", StringComparison.Ordinal))
                accepted.Add($"{escalation.Trim()} ({Cluster.Said(answer)})");
        }
        await Task.Delay(TimeSpan.FromSeconds(3));
        var made = await cluster.KubectlAsync("get", "jobs,pods,trainingjobs", "-n", ns, "-o", "name");
        return new Observation(accepted.Count == 0 && made.Length == 0, accepted.Count == 0 ? $"all refused; made: {(made.Length == 0 ? "nothing" : made.Trim())}" : string.Join("; ", accepted));
    }

    private static async Task<Observation> SecondAuthorAsync(Cluster cluster)
    {
        var ns = await AuthoredAsync(cluster);
        await cluster.ControlPlane.ApplyAsync(Templated("first", ""), "--namespace", ns);
        var changed = await AsAsync(cluster, Author, ns, null, "patch", "trainingjob", "first", "--type=merge", """--patch={"spec": {"template": {"spec": {"hostPID": true}}}}""");
        var other = await AsAsync(cluster, Author, ns, null, "patch", "trainingjob", "first", "--type=merge", """--patch={"spec": {"training": {"sequenceLength": 4096}}}""");
        return new Observation(Cluster.IsDenied(changed) && other.ExitCode == 0, $"the template: {Cluster.Said(changed)}; the sequence length: {Cluster.Said(other)}");
    }

    private static async Task<Observation> AdoptionAsync(Cluster cluster)
    {
        await using var process = await cluster.StartOperatorAsync();
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ControlPlane.ApplyAsync("""
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "victim", "labels": {"gpumem.io/training-job": "victim"}},
             "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "theirs"}]}}}}
            """, "--namespace", ns);
        var before = await cluster.KubectlAsync("get", "job", "victim", "-n", ns, "-o", "jsonpath={.metadata.uid} {.metadata.resourceVersion}");
        await cluster.ControlPlane.ApplyAsync(Templated("victim", ""), "--namespace", ns);
        var said = await Cluster.UntilAsync(
            async () => (await cluster.KubectlAsync("get", "trainingjob", "victim", "-n", ns, "-o", "jsonpath={.status.conditions[*].message}")).Contains("Job", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        var after = await cluster.KubectlAsync("get", "job", "victim", "-n", ns, "-o", "jsonpath={.metadata.uid} {.metadata.resourceVersion}");
        await cluster.KubectlAsync("delete", "trainingjob", "victim", "-n", ns);
        var left = await cluster.KubectlAsync("get", "job", "victim", "-n", ns, "-o", "jsonpath={.metadata.ownerReferences}");
        return new Observation(before == after && left.Length == 0 && said is not null, $"the Job is {(before == after ? "as it was" : "changed")}; the TrainingJob {(said is null ? "says nothing of it" : "says that it is there")}");
    }

    private static async Task<string> NodeAsync(Cluster cluster) => (await cluster.KubectlAsync("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")).Trim();

    /// <summary>A namespace in which somebody may write TrainingJobs and nothing else.</summary>
    private static async Task<string> AuthoredAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("create", "role", Author, "-n", ns, "--verb=get,list,create,update,patch", "--resource=trainingjobs.gpumem.io");
        await cluster.KubectlAsync("create", "rolebinding", Author, "-n", ns, $"--role={Author}", $"--user={Author}");
        return ns;
    }

    private static string Templated(string name, string escalation) => $$"""
        {"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "{{name}}"}, "spec": {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 8192, "recompute": "Full"},
         "placement": {"pools": ["h100"]}, "policy": {"rewrite": "Always"}, "template": {"spec": { {{(escalation.Length == 0 ? "" : $"{escalation},")}} "containers": [{"name": "trainer", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "1"} } }]} } } }
        """;

    private static Task<(int ExitCode, string Output, string Error)> AsAsync(Cluster cluster, string user, string ns, string? input, params string[] args) => input is null
        ? cluster.ControlPlane.KubectlAsync([.. args, "-n", ns, $"--as={user}", "--as-group=system:authenticated"])
        : cluster.ControlPlane.KubectlWithInputAsync(input, [.. args, "-n", ns, $"--as={user}", "--as-group=system:authenticated"]);
}
