using System.Globalization;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Cli.Estimates;
using GpuMem.Estimation;
using GpuMem.Kubernetes.Models;
using GpuMem.Planning;

namespace GpuMem.Cli.Live;

/// <summary><c>gpumem explain TYPE/NAME</c>: what GpuMem says of an object of a cluster, term by term, what would fix it and what happened to it.</summary>
internal sealed class LiveExplanation(IKubernetesClient client, string ns, TextWriter output, TimeProvider time)
{
    private readonly LiveCluster _live = new(client);

    /// <returns>The status to end with.</returns>
    public async Task<int> WriteAsync(string asked, CancellationToken cancellationToken)
    {
        var (type, name) = LiveKinds.Read(asked);
        var found = await _live.GetAsync(type, name, ns, cancellationToken);
        var status = type == LiveKinds.TrainingJob || type == LiveKinds.ModelServer
            ? await WriteDescriptionAsync(type, name, cancellationToken)
            : await WriteWorkloadAsync(WorkloadReader.Read(found)!, type, cancellationToken);
        await WriteEventsAsync(type.Kind, name, cancellationToken);
        return status;
    }

    private async Task<int> WriteDescriptionAsync(EntityMetadata type, string name, CancellationToken cancellationToken)
    {
        var cluster = await _live.ReadAsync(ns, [], cancellationToken);
        WorkloadDecision decision = type == LiveKinds.TrainingJob
            ? JobDecision.Of(cluster.FindJob(ns, name)!, cluster.Inventory, cluster.ConfigMaps)
            : ServerDecision.Of(cluster.FindServer(ns, name)!, cluster.Inventory, cluster.ConfigMaps);
        WriteHeading(type, name, decision);
        WriteTerms(decision);
        WriteFixes(type, name, decision);
        return decision.Verdict.Rejects() ? ExitStatus.DoesNotFit : ExitStatus.Fits;
    }

    private async Task<int> WriteWorkloadAsync(Workload workload, EntityMetadata type, CancellationToken cancellationToken)
    {
        var owners = await _live.OwnersAsync(workload.Metadata, ns, cancellationToken);
        var cluster = await _live.ReadAsync(ns, owners, cancellationToken);
        var decision = WorkloadReview.Validate(workload, ns, cluster);
        output.WriteLine($"{Name(type.Kind, workload.Identity.Name)} in namespace {ns}: {(decision.Allowed ? "would be admitted" : _live.Mode is null ? "would be refused where that is enforced (label gpumem.io/mode, or the chart's policy.mode)" : "would be refused")}");
        if (decision.Message is { } message)
            output.WriteLine(message);
        foreach (var warning in decision.Warnings)
            output.WriteLine(warning);
        if (owners.Count > 0)
            output.WriteLine($"Made by {string.Join(", by ", owners.Select(owner => Name(owner.Identity.Kind, owner.Identity.Name)))}");
        var tie = workload.Pods.Select(pods => PodTie.Of(pods.Pod.Metadata, workload, ns, cluster)).FirstOrDefault(tie => tie.Description is not null);
        if (tie?.Description is not { } description)
        {
            output.WriteLine("No TrainingJob and no ModelServer describes it: only its command was looked at. Label its pods gpumem.io/training-job or gpumem.io/model-server, or name it in a targetRef.");
            return decision.Allowed ? ExitStatus.Fits : ExitStatus.DoesNotFit;
        }
        output.WriteLine();
        output.WriteLine($"Described by {Name(description is TrainingJob ? nameof(TrainingJob) : nameof(ModelServer), description.Name() ?? "its annotation")}:");
        WriteTerms(WorkloadDecision.Of(
            description, workload.Pods.First(pods => PodTie.Of(pods.Pod.Metadata, workload, ns, cluster).Description == description).Pod.Spec ?? new V1PodSpec(), cluster.Inventory, cluster.ConfigMaps,
            together: GpuMem.Api.Pods.GpusTogether.Of(workload, workload.Pods)));
        return decision.Allowed ? ExitStatus.Fits : ExitStatus.DoesNotFit;
    }

    private void WriteHeading(EntityMetadata type, string name, WorkloadDecision decision)
    {
        output.WriteLine($"{Name(type.Kind, name)} in namespace {ns}: {decision.Verdict}");
        output.WriteLine(decision.Text);
        foreach (var problem in decision.Problems)
            output.WriteLine(problem);
    }

    private void WriteTerms(WorkloadDecision decision)
    {
        if (decision.Estimate is { } estimate)
            ExplainCommand.WriteTerms(estimate, isCertain: true, output);
    }

    /// <summary>As commands to copy.</summary>
    private void WriteFixes(EntityMetadata type, string name, WorkloadDecision decision)
    {
        var fixes = decision switch
        {
            JobDecision job => job.Plan.Suggestions.Select(fix => ($"{fix}", fix.MergePatch, fix.Result.Estimate.Expected, fix.Result.Gpus, fix.Result.Pool.Name)),
            ServerDecision server => server.Plan.Suggestions.Select(fix => ($"{fix}", fix.MergePatch, fix.Result.Estimate.Expected, fix.Result.Gpus, fix.Result.Pool.Name)),
            _ => [],
        };
        var isFirst = true;
        foreach (var (change, patch, needed, gpus, pool) in fixes)
        {
            if (isFirst)
                output.WriteLine("\nWhat would make it fit:");
            isFirst = false;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {change}: {needed.GiB:0.0} GiB on {gpus} GPU{(gpus == 1 ? "" : "s")} of {pool}"));
            output.WriteLine($"    kubectl patch {type.Kind.ToLowerInvariant()} {name} -n {ns} --type=merge -p '{OutputFormat.OneLine(patch)}'");
        }
    }

    private async Task WriteEventsAsync(string kind, string name, CancellationToken cancellationToken)
    {
        var told = await _live.EventsAsync(kind, name, ns, cancellationToken);
        if (told.Count > 0)
            output.WriteLine("\nEvents:");
        foreach (var one in told)
            output.WriteLine($"  {Age(LiveCluster.At(one)),5}  {one.Type,-7}  {one.Reason,-16}  {one.Note?.ReplaceLineEndings(" ")}");
    }

    private string Age(DateTime? at) => (time.GetUtcNow().UtcDateTime - at) switch
    {
        null => "?",
        { TotalMinutes: < 2 } age => $"{Math.Max(0, age.TotalSeconds):0}s",
        { TotalHours: < 2 } age => $"{age.TotalMinutes:0}m",
        { TotalDays: < 2 } age => $"{age.TotalHours:0}h",
        { } age => $"{age.TotalDays:0}d",
    };

    private static string Name(string kind, string name) => $"{kind.ToLowerInvariant()}/{name}";
}
