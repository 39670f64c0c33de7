using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Decisions;

/// <summary>
/// What is to become of what makes pods. Its pods would only be refused later, in an event that nobody reads: so whoever applies it gets the answer that
/// they would get, with the number of them in it.
/// </summary>
public static class WorkloadReview
{
    /// <summary>Templates of one workload that are looked at; no real one has as many that differ.</summary>
    private const int MostTemplates = 64;

    /// <param name="workload">What makes pods.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="cluster">The pools, TrainingJobs and ModelServers there are.</param>
    /// <param name="remembered">Decisions about equal pods; null decides anew.</param>
    public static PodDecision Validate(Workload workload, string ns, IClusterState cluster, DecisionCache? remembered = null)
    {
        var tied = workload.Pods.Select(pods => (Pods: pods, Tie: PodTie.Of(pods.Pod.Metadata, workload, ns, cluster))).ToList();
        List<PodDecision> decisions = [.. tied.Select(pods => pods.Tie.Warning).OfType<string>().Distinct().Select(warning => new PodDecision { Allowed = true, Warnings = [warning] })];
        var claims = cluster.Inventory.Claims;
        foreach (var described in tied.Where(pods => pods.Tie.Description is not null).GroupBy(pods => pods.Tie.Description))
        {
            // A rewriting that came to nothing would else be a silent one.
            if (workload.Identity.Kind != "Pod" && WorkloadRewrite.Decide(workload, ns, cluster) is { Denies: true } unplaced)
                decisions.Add(PodDecision.Of(unplaced));
            // Templates that say the same are looked at once: a JobSet has many that differ in a variable.
            var kinds = new Dictionary<V1Pod, (object Wishes, long Gpus)>(ReferenceEqualityComparer.Instance);
            List<WorkloadPods> asking = [];
            foreach (var alike in described.Select(pods => pods.Pods).GroupBy(pods => PodDecision.Wishes(pods.Pod)))
            {
                var count = claims.GpusOf(alike.First().Pod, ns);
                if (count == 0 && !AsksForGpus(alike.First().Pod))
                    continue;
                asking.AddRange(alike);
                foreach (var pods in alike)
                    kinds[pods.Pod] = (alike.Key, count);
            }

            // A group of which none are started now trains with nobody: a worker group of Ray that is suspended.
            if (asking.Exists(pods => pods.Count != 0))
                asking.RemoveAll(pods => pods.Count == 0);
            var together = GpusTogether.Of(workload, asking, pod => kinds[pod].Gpus);
            decisions.AddRange(asking.DistinctBy(pods => kinds[pods.Pod].Wishes).Take(MostTemplates).Select(pods =>
                PodDecision.Validate(Made(pods.Pod, workload), described.First().Tie, cluster.Inventory, cluster.ConfigMaps, remembered, together)));
        }

        return decisions.Count == 0 ? CommandReview.Validate(workload, ns, cluster) : Together(decisions);
    }

    /// <summary>The first denial, and the warnings of all.</summary>
    private static PodDecision Together(List<PodDecision> decisions)
    {
        var first = decisions.Find(decision => !decision.Allowed) ?? decisions[0];
        return first with { Warnings = first.Allowed ? [.. decisions.SelectMany(decision => decision.Warnings).Distinct()] : [] };
    }

    private static bool AsksForGpus(V1Pod pod) => PodGpus.Of(pod.Spec).ResourceName is not null || GpuShare.Of(pod) is not null || UnknownDevice.Of(pod.Spec) is not null;

    /// <summary>As its pods will be: with a controller, but for a pod that is one itself.</summary>
    private static V1Pod Made(V1Pod template, Workload workload)
    {
        if (workload.Identity.Kind == "Pod")
            return template;
        template.Metadata ??= new V1ObjectMeta();
        template.Metadata.OwnerReferences = [workload.Identity];
        return template;
    }
}
