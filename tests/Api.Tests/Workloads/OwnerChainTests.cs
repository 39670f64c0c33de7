using GpuMem.Api.Cluster;
using GpuMem.Api.Nodes;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class OwnerChainTests
{
    private static readonly FixedCluster Nobody = new(PoolInventory.Empty, []);

    [Theory]
    [InlineData("batch/v1 Job js-workers-0", "jobset.x-k8s.io JobSet js", "trainer.kubeflow.org TrainJob js")]
    [InlineData("batch/v1 Job my-set-gpu-node-12", "jobset.x-k8s.io JobSet my-set", "trainer.kubeflow.org TrainJob my-set-gpu")]
    [InlineData("batch/v1 Job nightly-29373120", "batch CronJob nightly")]
    [InlineData("apps/v1 ReplicaSet llama-predictor-5d8f", "serving.kserve.io InferenceService llama")]
    [InlineData("apps/v1 StatefulSet big-1", "leaderworkerset.x-k8s.io LeaderWorkerSet big")]
    [InlineData("ray.io/v1 RayCluster rj-abcde", "ray.io RayJob rj", "ray.io RayService rj")]
    [InlineData("ray.io/v1 RayCluster rj-raycluster-abcde", "ray.io RayJob rj")]
    public void The_name_of_an_owner_tells_of_the_one_that_made_it(string controller, params string[] above)
    {
        var chain = Of(Pod(controller));

        Assert.All(above, one => Assert.Contains(one, chain));
    }

    [Theory]
    [InlineData("batch/v1 Job train")]
    [InlineData("batch/v1 Job train-")]
    [InlineData("apps/v1 ReplicaSet web-5d8f")]
    [InlineData("ray.io/v1 RayCluster mine")]
    [InlineData("kubeflow.org/v1 PyTorchJob pt-worker-0")]
    public void A_name_that_nobody_made_tells_of_none(string controller) =>
        Assert.DoesNotContain(Of(Pod(controller)), one => one.Contains("JobSet", StringComparison.Ordinal) || one.Contains("TrainJob", StringComparison.Ordinal) || one.Contains("Deployment", StringComparison.Ordinal) || one.Contains("RayJob", StringComparison.Ordinal));

    [Theory]
    [InlineData("jobset.sigs.k8s.io/jobset-name", "trainer.kubeflow.org TrainJob top")]
    [InlineData("leaderworkerset.sigs.k8s.io/name", "leaderworkerset.x-k8s.io LeaderWorkerSet top")]
    [InlineData("serving.kserve.io/inferenceservice", "serving.kserve.io InferenceService top")]
    [InlineData("ray.io/originated-from-cr-name", "ray.io RayJob top")]
    [InlineData("workflows.argoproj.io/workflow", "argoproj.io Workflow top")]
    [InlineData("kaito.sh/workspace", "kaito.sh Workspace top")]
    [InlineData("katib.kubeflow.org/experiment", "kubeflow.org Experiment top")]
    [InlineData("ray.io/cronjob-name", "ray.io RayCronJob top")]
    [InlineData("rbg.workloads.x-k8s.io/group-name", "workloads.x-k8s.io RoleBasedGroup top")]
    [InlineData("rolebasedgroup.workloads.x-k8s.io/name", "workloads.x-k8s.io RoleBasedGroup top")]
    [InlineData("storm-service-name", "orchestration.aibrix.ai StormService top")]
    [InlineData("modelserving.volcano.sh/name", "workload.serving.volcano.sh ModelServing top")]
    [InlineData("disaggregatedset.x-k8s.io/name", "disaggregatedset.x-k8s.io DisaggregatedSet top")]
    [InlineData("nvidia.com/dynamo-graph-deployment-name", "nvidia.com DynamoGraphDeployment top")]
    public void Labels_name_the_workload_at_the_top(string label, string top)
    {
        var pod = Pod("batch/v1 Job x");
        pod.Labels = new Dictionary<string, string> { [label] = "top" };

        Assert.Contains(top, Of(pod));
    }

    [Theory]
    [InlineData("app.kubernetes.io/part-of: nim-service, app.kubernetes.io/name: top", "apps.nvidia.com NIMService top")]
    [InlineData("app.kubernetes.io/part-of: top, app.kubernetes.io/managed-by: grove-operator", "grove.io PodCliqueSet top")]
    public void Labels_that_many_write_name_it_where_they_say_whose_they_are(string labels, string top)
    {
        var pod = Pod("apps/v1 StatefulSet x");
        pod.Labels = labels.Split(", ").Select(label => label.Split(": ")).ToDictionary(label => label[0], label => label[1]);

        Assert.Contains(top, Of(pod));
    }

    [Theory]
    [InlineData("apps/v1 ReplicaSet top-5d8f", "argoproj.io Rollout top")]
    [InlineData("apps/v1 StatefulSet top", "kubeflow.org Notebook top")]
    public void A_controller_of_the_workloads_name_tells_of_it(string controller, string top) => Assert.Contains(top, Of(Pod(controller)));

    [Fact]
    public void Owners_that_are_known_are_followed_and_names_are_not_guessed()
    {
        var job = Manifest.Json(Manifest.Of("batch/v1", "Job", "{template: " + Manifest.Template(1) + "}"));
        job["metadata"] = Manifest.Json("{name: a-b-0, ownerReferences: [{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, name: real, controller: true}]}");
        var cluster = new FixedCluster(PoolInventory.Empty, [], [], [WorkloadReader.Read(job)!, Manifest.Read(Manifest.Of("jobset.x-k8s.io/v1alpha2", "JobSet", "{}").Replace("name: ft", "name: real", StringComparison.Ordinal))]);

        Assert.Equal(["batch Job a-b-0", "jobset.x-k8s.io JobSet real"], Of(Pod("batch/v1 Job a-b-0"), cluster));
    }

    [Fact]
    public void Owners_that_own_each_other_end()
    {
        var one = Manifest.Json(Manifest.Of("batch/v1", "Job", "{}"));
        one["metadata"] = Manifest.Json("{name: a, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: a, controller: true}]}");
        var cluster = new FixedCluster(PoolInventory.Empty, [], [], [WorkloadReader.Read(one)!]);

        Assert.InRange(Of(Pod("batch/v1 Job a"), cluster).Count, 1, 20);
    }

    private static List<string> Of(V1ObjectMeta pod, FixedCluster? cluster = null) =>
        [.. OwnerChain.Of(pod, "team", cluster ?? Nobody).Select(owner => $"{WorkloadReader.Group(owner.ApiVersion)} {owner.Kind} {owner.Name}")];

    private static V1ObjectMeta Pod(string controller)
    {
        var parts = controller.Split(' ');
        return new V1ObjectMeta { OwnerReferences = [new V1OwnerReference { ApiVersion = parts[0], Kind = parts[1], Name = parts[2], Uid = "0", Controller = true }] };
    }
}
