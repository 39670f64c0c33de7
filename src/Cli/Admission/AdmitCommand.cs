using System.CommandLine;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Admission;

/// <summary><c>gpumem admit</c>: what a cluster with these nodes would answer, patch included.</summary>
internal static class AdmitCommand
{
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "manifests of pods, of what makes pods (Job, JobSet, Deployment, RayJob, …), TrainingJobs and ModelServers; - is standard input", Required = true };
        var nodes = new Option<string[]>("--nodes") { Description = "manifests of nodes and GpuPools: kubectl get nodes -o yaml", DefaultValueFactory = _ => [] };
        var format = OutputFormat.Option();
        var command = new Command("admit", "Say what a cluster would answer to these pods, workloads, TrainingJobs and ModelServers.") { files, nodes, format };
        command.SetAction(result =>
        {
            var manifests = Manifests.Read([.. result.GetValue(files)!, .. result.GetValue(nodes)!], workloads: true);
            if (manifests.Pods.Count + manifests.Workloads.Count + manifests.Jobs.Count + manifests.Servers.Count == 0)
                throw new UserErrorException("no Pod, nothing that makes pods, no TrainingJob and no ModelServer in the files given with -f");
            foreach (var skipped in manifests.Skipped)
                Console.Error.WriteLine($"gpumem: {skipped} makes no pods that are known here, and is left out");
            var cluster = new FixedCluster(InventoryBuilder.Build(manifests.Nodes, manifests.Slices, manifests.Declared, manifests.Claims), manifests.Jobs, manifests.Servers, [.. manifests.Workloads.Select(workload => manifests.Workload(workload)!)]);
            List<Answer> answers = [.. manifests.Pods.Select(pod => ForPod(pod, cluster)), .. manifests.Workloads.Select(workload => ForWorkload(workload, manifests, cluster))];
            if (answers.Count == 0)
                answers = [.. manifests.Jobs.Select(job => ForJob(job, cluster)), .. manifests.Servers.Select(server => ForServer(server, cluster))];
            Print(answers, result.GetValue(format)!);
            return answers.TrueForAll(answer => answer is { Allowed: true, PodsAllowed: not false }) ? ExitStatus.Fits : ExitStatus.DoesNotFit;
        });
        return command;
    }

    private static Answer ForPod(JsonObject raw, FixedCluster cluster)
    {
        var pod = ManifestObject.As<V1Pod>(raw);
        PodTie TieOf(V1Pod some) => PodTie.Of(some, some.Namespace() ?? "default", cluster);
        var operations = PodDecision.Mutate(raw, pod, TieOf(pod), cluster.Inventory, cluster.ConfigMaps);
        var mutated = raw.DeepClone().AsObject();
        PatchOperation.Apply(mutated, operations);
        // Of a pod that nobody describes and nothing made, as of a workload, the commands are read.
        var decision = TieOf(pod) == PodTie.None && pod.OwnerReferences() is not [_, ..]
            ? CommandReview.Validate(WorkloadReader.Read(raw)!, pod.Namespace() ?? "default", cluster)
            : PodDecision.Validate(ManifestObject.As<V1Pod>(mutated), TieOf(pod), cluster.Inventory, cluster.ConfigMaps);
        return new Answer($"pod/{pod.Name()}", decision.Allowed, decision.Message, decision.Warnings, PatchOperation.ToJson(operations)) { Note = Untold(decision, WorkloadReader.Read(raw)!, pod.Namespace() ?? "default", cluster) };
    }

    private static Answer ForWorkload(JsonObject raw, Manifests manifests, FixedCluster cluster)
    {
        var workload = manifests.Workload(raw)!;
        var ns = workload.Metadata.NamespaceProperty ?? "default";
        var operations = WorkloadRewrite.Operations(raw, workload, ns, cluster);
        var mutated = raw.DeepClone().AsObject();
        PatchOperation.Apply(mutated, operations);
        var decision = WorkloadReview.Validate(manifests.Workload(mutated)!, ns, cluster);
        return new Answer($"{workload.Identity.Kind.ToLowerInvariant()}/{workload.Identity.Name}", decision.Allowed, decision.Message, decision.Warnings, PatchOperation.ToJson(operations))
        {
            Note = Untold(decision, manifests.Workload(mutated)!, ns, cluster),
        };
    }

    /// <summary>Why a cluster says nothing, which here would leave people guessing.</summary>
    private static string? Untold(PodDecision decision, Workload workload, string ns, FixedCluster cluster) =>
        decision is { Allowed: true, Line: null, Warnings: [] } && CommandNotes.Of(workload, ns, cluster) is [_, ..] notes
            ? $"no TrainingJob and no ModelServer describes this: nothing but its command was looked at; {string.Join("; ", notes)}"
            : null;

    private static Answer ForJob(TrainingJob job, FixedCluster cluster) => ForDescription(
        $"trainingjob/{job.Name()}", TrainingJobName.Problem(job.Name()), () => JobDecision.Of(job, cluster.Inventory, cluster.ConfigMaps), decision => VerdictText.Full(decision.Plan));

    private static Answer ForServer(ModelServer server, FixedCluster cluster) => ForDescription(
        $"modelserver/{server.Name()}", ModelServerName.Problem(server.Name()), () => ServerDecision.Of(server, cluster.Inventory, cluster.ConfigMaps), decision => ServerText.Full(decision.Plan));

    /// <summary>As the webhook has it: what cannot be is refused, what does not fit is stored with a warning, and its pods are refused.</summary>
    private static Answer ForDescription<T>(string name, string? nameProblem, Func<T> decide, Func<T, string> words)
        where T : WorkloadDecision
    {
        if (nameProblem is not null)
            return new Answer(name, false, nameProblem, [], []);
        var decision = decide();
        var allowed = decision.Verdict != Verdict.Invalid;
        return new Answer(name, allowed, decision.Denies || !allowed ? decision.Text : words(decision), [], []) { PodsAllowed = allowed && !decision.Denies };
    }

    private static void Print(List<Answer> answers, string format)
    {
        if (format is "json" or "yaml")
        {
            OutputFormat.Write(new JsonArray([.. answers.Select(answer => (JsonNode)answer.ToJson())]), format, Console.Out);
            return;
        }
        foreach (var answer in answers)
        {
            Console.WriteLine($"{answer.Name}: {answer switch { { Allowed: false } => "denied", { PodsAllowed: false } => "allowed with a warning, its pods denied", _ => "allowed" }}");
            if (answer.Note is { } note)
                Console.WriteLine($"  {note}");
            if (answer.Message is { } message)
                Console.WriteLine($"  {message}");
            foreach (var warning in answer.Warnings)
                Console.WriteLine($"  warning: {warning}");
            foreach (var operation in answer.Patch)
                Console.WriteLine($"  patch: {operation!["op"]} {operation["path"]} {OutputFormat.OneLine(operation["value"]!)}");
        }
    }

    private sealed record Answer(string Name, bool Allowed, string? Message, IReadOnlyList<string> Warnings, JsonArray Patch)
    {
        /// <summary>Of a TrainingJob or ModelServer, whether pods that it describes are; null for a pod.</summary>
        public bool? PodsAllowed { get; init; }

        /// <summary>What a cluster does not say; null when it says something.</summary>
        public string? Note { get; init; }

        public JsonObject ToJson()
        {
            var json = new JsonObject { ["name"] = Name, ["allowed"] = Allowed };
            if (PodsAllowed is { } pods)
                json["podsAllowed"] = pods;
            json["message"] = Message;
            if (Note is not null)
                json["note"] = Note;
            json["warnings"] = new JsonArray([.. Warnings.Select(warning => (JsonNode)warning)]);
            json["patch"] = Patch.DeepClone();
            return json;
        }
    }
}
