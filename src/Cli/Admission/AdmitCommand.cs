using System.CommandLine;
using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Admission;

/// <summary><c>gpumem admit</c>: what a cluster with these nodes would answer, patch included.</summary>
internal static class AdmitCommand
{
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "manifests of pods and TrainingJobs; - is standard input", Required = true };
        var nodes = new Option<string[]>("--nodes") { Description = "manifests of nodes and GpuPools: kubectl get nodes -o yaml", DefaultValueFactory = _ => [] };
        var format = OutputFormat.Option();
        var command = new Command("admit", "Say what a cluster would answer to these pods and TrainingJobs.") { files, nodes, format };
        command.SetAction(result =>
        {
            var manifests = Manifests.Read([.. result.GetValue(files)!, .. result.GetValue(nodes)!]);
            if (manifests.Pods.Count + manifests.Jobs.Count == 0)
                throw new UserErrorException("no Pod and no TrainingJob in the files given with -f");
            var cluster = new FixedCluster(InventoryBuilder.Build(manifests.Nodes, manifests.Pools), manifests.Jobs);
            var answers = manifests.Pods.Count > 0
                ? manifests.Pods.Select(pod => ForPod(pod, cluster)).ToList()
                : manifests.Jobs.Select(job => ForJob(job, cluster)).ToList();
            Print(answers, result.GetValue(format)!);
            return answers.TrueForAll(answer => answer is { Allowed: true, PodsAllowed: not false }) ? ExitStatus.Fits : ExitStatus.DoesNotFit;
        });
        return command;
    }

    private static Answer ForPod(JsonObject raw, FixedCluster cluster)
    {
        var pod = Manifests.As<V1Pod>(raw);
        TrainingJobTie TieOf(V1Pod some) =>
            TrainingJobTie.Of(some, name => cluster.FindJob(some.Namespace() ?? "default", name), () => cluster.JobsWithTarget(some.Namespace() ?? "default"));
        var operations = PodDecision.Mutate(raw, pod, TieOf(pod), cluster.Inventory, cluster.ConfigMaps);
        var mutated = raw.DeepClone().AsObject();
        PatchOperation.Apply(mutated, operations);
        var decision = PodDecision.Validate(Manifests.As<V1Pod>(mutated), TieOf(pod), cluster.Inventory, cluster.ConfigMaps);
        return new Answer($"pod/{pod.Name()}", decision.Allowed, decision.Message, decision.Warnings, PatchOperation.ToJson(operations));
    }

    private static Answer ForJob(TrainingJob job, FixedCluster cluster)
    {
        if (TrainingJobName.Problem(job.Name()) is { } problem)
            return new Answer($"trainingjob/{job.Name()}", false, problem, [], []);
        var decision = JobDecision.Of(job, cluster.Inventory, cluster.ConfigMaps);

        // As the webhook has it: what cannot be is refused, what does not fit is stored with a warning, and its pods are refused.
        var allowed = decision.Plan.Verdict != Verdict.Invalid;
        return new Answer($"trainingjob/{job.Name()}", allowed, decision.Denies || !allowed ? decision.Text : VerdictText.Full(decision.Plan), [], []) { PodsAllowed = allowed && !decision.Denies };
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
        /// <summary>Of a TrainingJob, whether pods that it describes are; null for a pod.</summary>
        public bool? PodsAllowed { get; init; }

        public JsonObject ToJson()
        {
            var json = new JsonObject { ["name"] = Name, ["allowed"] = Allowed };
            if (PodsAllowed is { } pods)
                json["podsAllowed"] = pods;
            json["message"] = Message;
            json["warnings"] = new JsonArray([.. Warnings.Select(warning => (JsonNode)warning)]);
            json["patch"] = Patch.DeepClone();
            return json;
        }
    }
}
