using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of what Kubernetes itself runs, and of sets of Jobs.</summary>
internal static class BatchWorkloads
{
    public static IEnumerable<WorkloadPods> Pod(JsonElement? pod) => Templates.Template(pod, "", 1);

    /// <summary>batch/v1 Job.</summary>
    public static IEnumerable<WorkloadPods> Job(JsonElement? job) => OfJob(job.Member("spec"), "", 1, "spec");

    /// <summary>batch/v1 CronJob: what one of its Jobs makes.</summary>
    public static IEnumerable<WorkloadPods> CronJob(JsonElement? cronJob) => OfJob(cronJob.Member("spec", "jobTemplate", "spec"), "", 1, "spec", "jobTemplate", "spec");

    /// <summary>Deployment, ReplicaSet and StatefulSet of apps/v1.</summary>
    public static IEnumerable<WorkloadPods> Replicated(JsonElement? workload) =>
        Templates.Template(workload.Member("spec", "template"), "", workload.Member("spec").Number("replicas") ?? 1, "spec", "template");

    /// <summary>jobset.x-k8s.io JobSet: replicas of several Jobs (api/jobset/v1alpha2/jobset_types.go).</summary>
    public static IEnumerable<WorkloadPods> JobSet(JsonElement? jobSet) =>
        from job in jobSet.Member("spec", "replicatedJobs").Items()
        from pods in OfJob(job.Item.Member("template", "spec"), job.Item.Text("name") ?? "", job.Item.Number("replicas") ?? 1, "spec", "replicatedJobs", job.At, "template", "spec")
        select pods;

    /// <summary>batch.volcano.sh Job: tasks of several pods.</summary>
    public static IEnumerable<WorkloadPods> Volcano(JsonElement? job) =>
        from task in job.Member("spec", "tasks").Items()
        from pods in Templates.Template(task.Item.Member("template"), task.Item.Text("name") ?? "", task.Item.Number("replicas") ?? 1, "spec", "tasks", task.At, "template")
        select pods;

    /// <summary>leaderworkerset.x-k8s.io LeaderWorkerSet, one of its groups: a leader and workers, of one template where it has no other for the leader.</summary>
    public static IEnumerable<WorkloadPods> LeaderWorkerSet(JsonElement? set)
    {
        var group = set.Member("spec", "leaderWorkerTemplate");
        var size = group.Number("size") ?? 1;
        var leader = group.Member("leaderTemplate");
        return Templates.Template(leader, "leader", 1, "spec", "leaderWorkerTemplate", "leaderTemplate")
            .Concat(Templates.Template(group.Member("workerTemplate"), "worker", leader is null ? size : Math.Max(0, size - 1), "spec", "leaderWorkerTemplate", "workerTemplate"));
    }

    /// <summary>parallelism, and no more than are left to complete; 1 by default (batch/v1).</summary>
    private static IEnumerable<WorkloadPods> OfJob(JsonElement? spec, string role, long replicas, params string[] path)
    {
        var parallelism = spec.Number("parallelism") ?? 1;
        var pods = Math.Min(parallelism, spec.Number("completions") ?? parallelism);
        return Templates.Template(spec.Member("template"), role, JsonElements.Times(replicas, pods), [.. path, "template"]);
    }
}
