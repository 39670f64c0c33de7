using System.Text.Json;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of what Kubernetes itself runs, and of sets of Jobs.</summary>
internal static class BatchWorkloads
{
    private static readonly string[] ListsOfJobs = ["replicatedJobs", "jobs"];

    public static IEnumerable<WorkloadPods> Pod(JsonElement? pod) => Templates.Template(pod, "", 1);

    /// <summary>batch/v1 Job.</summary>
    public static IEnumerable<WorkloadPods> Job(JsonElement? job) => OfJob(job.Member("spec"), "", 1, "spec");

    /// <summary>batch/v1 CronJob: what one of its Jobs makes.</summary>
    public static IEnumerable<WorkloadPods> CronJob(JsonElement? cronJob) => OfJob(cronJob.Member("spec", "jobTemplate", "spec"), "", 1, "spec", "jobTemplate", "spec");

    /// <summary>Deployment, ReplicaSet and StatefulSet of apps/v1, and those that are like them: Argo's Rollout, Kruise's CloneSet.</summary>
    public static IEnumerable<WorkloadPods> Replicated(JsonElement? workload) =>
        Templates.Template(workload.Member("spec", "template"), "", workload.Member("spec").Number("replicas") ?? 1, "spec", "template");

    /// <summary>jobset.x-k8s.io JobSet: replicas of several Jobs (api/jobset/v1alpha2/jobset_types.go), which the first releases called jobs (jobset#79).</summary>
    public static IEnumerable<WorkloadPods> JobSet(JsonElement? jobSet) =>
        from list in ListsOfJobs
        from job in jobSet.Member("spec", list).Items()
        from pods in OfJob(job.Item.Member("template", "spec"), job.Item.Text("name") ?? "", job.Item.Number("replicas") ?? 1, "spec", list, job.At, "template", "spec")
        select pods;

    /// <summary>What has a template and as many pods as nodes, or as notebooks: DaemonSet, Kubeflow's Notebook.</summary>
    public static IEnumerable<WorkloadPods> Single(JsonElement? workload) => Templates.Template(workload.Member("spec", "template"), "", 1, "spec", "template");

    /// <summary>batch.volcano.sh Job: tasks of several pods.</summary>
    public static IEnumerable<WorkloadPods> Volcano(JsonElement? job) => OfVolcano(job.Member("spec"), 1, "spec");

    /// <summary>batch.volcano.sh CronJob: what one of its Jobs makes.</summary>
    public static IEnumerable<WorkloadPods> VolcanoCronJob(JsonElement? cronJob) => OfVolcano(cronJob.Member("spec", "jobTemplate", "spec"), 1, "spec", "jobTemplate", "spec");

    /// <summary>training.volcano.sh HyperJob: replicas of several Jobs (volcano.sh/apis, training/v1alpha1).</summary>
    public static IEnumerable<WorkloadPods> HyperJob(JsonElement? hyperJob) =>
        from job in hyperJob.Member("spec", "replicatedJobs").Items()
        from pods in OfVolcano(job.Item.Member("templateSpec"), job.Item.Number("replicas") ?? 1, "spec", "replicatedJobs", job.At, "templateSpec")
        select pods;

    private static IEnumerable<WorkloadPods> OfVolcano(JsonElement? spec, long replicas, params string[] at) =>
        from task in spec.Member("tasks").Items()
        let count = JsonElements.Times(replicas, task.Item.Number("replicas") ?? 1)
        from pods in Templates.Template(task.Item.Member("template"), task.Item.Text("name") ?? "", count, [.. at, "tasks", task.At, "template"])
        select pods;

    /// <summary>leaderworkerset.x-k8s.io LeaderWorkerSet, one of its groups: a leader and workers, of one template where it has no other for the leader.</summary>
    public static IEnumerable<WorkloadPods> LeaderWorkerSet(JsonElement? set) => LeaderWorkerGroup(set.Member("spec", "leaderWorkerTemplate"), "spec", "leaderWorkerTemplate");

    /// <param name="group">Its template.</param>
    /// <param name="at">Where that stands.</param>
    public static IEnumerable<WorkloadPods> LeaderWorkerGroup(JsonElement? group, params string[] at)
    {
        var size = group.Number("size") ?? 1;
        var leader = group.Member("leaderTemplate");
        return Templates.Template(leader, "leader", 1, [.. at, "leaderTemplate"])
            .Concat(Templates.Template(group.Member("workerTemplate"), "worker", leader is null ? size : Math.Max(0, size - 1), [.. at, "workerTemplate"]));
    }

    /// <summary>parallelism, and no more than are left to complete; 1 by default (batch/v1).</summary>
    private static IEnumerable<WorkloadPods> OfJob(JsonElement? spec, string role, long replicas, params string[] path)
    {
        var parallelism = spec.Number("parallelism") ?? 1;
        var pods = Math.Min(parallelism, spec.Number("completions") ?? parallelism);
        return Templates.Template(spec.Member("template"), role, JsonElements.Times(replicas, pods), [.. path, "template"]);
    }
}
