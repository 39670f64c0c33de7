using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What makes no pods by itself, or is of a kind that nobody here knows, and holds what pods are made of.</summary>
public sealed class HeldTemplatesTests
{
    private const string Served = "{name: v, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B], resources: {limits: {nvidia.com/gpu: 1}}}";

    private const string Template = "{metadata: {labels: {app: ours}}, spec: {containers: [" + Served + "]}}";

    private const string Steps = "{steps: [{name: fetch, image: x}, {name: serve, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B], computeResources: {limits: {nvidia.com/gpu: 1}}}]}";

    [Theory]
    [InlineData("argoproj.io/v1alpha1", "WorkflowTemplate", "{templates: [{name: t, container: " + Served + "}]}")]
    [InlineData("argoproj.io/v1alpha1", "ClusterWorkflowTemplate", "{templates: [{name: t, container: " + Served + "}]}")]
    [InlineData("tekton.dev/v1", "Task", Steps)]
    [InlineData("tekton.dev/v1", "TaskRun", "{taskSpec: " + Steps + "}")]
    [InlineData("tekton.dev/v1", "Pipeline", "{tasks: [{name: t, taskSpec: " + Steps + "}, {name: other, taskRef: {name: x}}]}")]
    [InlineData("tekton.dev/v1", "PipelineRun", "{pipelineSpec: {tasks: [], finally: [{name: t, taskSpec: " + Steps + "}]}}")]
    [InlineData("keda.sh/v1alpha1", "ScaledJob", "{jobTargetRef: {template: " + Template + "}}")]
    [InlineData("serving.knative.dev/v1", "Service", "{template: " + Template + "}")]
    [InlineData("elastic.pytorch.org/v1alpha1", "ElasticJob", "{replicaSpecs: {Worker: {template: " + Template + "}}}")]
    [InlineData("ours.example.com/v1", "Whatever", "{deep: [{pod: {containers: [" + Served + "]}}]}")]
    public void The_pods_of_its_templates_are_read(string apiVersion, string kind, string spec)
    {
        var pods = Assert.Single(Read(Manifest.Of(apiVersion, kind, spec))!.Pods);

        Assert.Equal(1, PodGpus.Of(pods.Pod.Spec).Count);
        Assert.Equal("Qwen/Qwen3-8B", Assert.Single(EngineCommandReader.Read(pods.Spec()!)).Settings.Model?.Name);
    }

    [Fact]
    public void A_PodTemplate_is_the_template_itself() =>
        Assert.Equal(1, PodGpus.Of(Assert.Single(Read("apiVersion: v1\nkind: PodTemplate\nmetadata: {name: ours}\ntemplate: " + Template)!.Pods).Pod.Spec).Count);

    /// <summary>How many there are of an unknown kind, and whether they train together, only its operator knows.</summary>
    [Fact]
    public void Nobody_counts_the_pods_of_an_unknown_kind()
    {
        var workload = Read(Manifest.Of("ours.example.com/v1", "Whatever", "{replicas: 3, template: " + Template + "}"))!;

        Assert.False(workload.AreCopies);
        Assert.Null(workload.PodsTogether);
    }

    [Theory]
    [InlineData("v1", "Service", "{ports: [{port: 80}]}")]
    [InlineData("ours.example.com/v1", "Whatever", "{containers: []}")]
    [InlineData("tekton.dev/v1", "Task", "{steps: []}")]
    public void What_holds_no_template_makes_no_pods(string apiVersion, string kind, string spec) => Assert.Null(Read(Manifest.Of(apiVersion, kind, spec)));

    [Fact]
    public void Both_roles_of_a_MultiRoleInference_serve_its_model()
    {
        var workload = Read(Manifest.Of("kaito.sh/v1alpha1", "MultiRoleInference",
            "{model: {name: Qwen/Qwen3-8B}, roles: [{type: prefill, instanceType: Standard_NC48ads_A100_v4}, {type: decode, instanceType: Standard_NC24ads_A100_v4}]}"))!;

        Assert.Equal([("prefill", 2L), ("decode", 1L)], workload.Pods.Select(pods => (pods.Role, PodGpus.Of(pods.Pod.Spec).Count)));
        Assert.All(workload.Pods, pods => Assert.Equal("Qwen/Qwen3-8B", Assert.Single(EngineCommandReader.Read(pods.Spec()!)).Settings.Model?.Name));
    }

    /// <summary>A TorchDistributor starts as many as the script says, which stands in no manifest.</summary>
    [Fact]
    public void The_script_of_a_SparkApplication_runs_where_its_GPUs_are()
    {
        const string Application = "{mainApplicationFile: 'local:///opt/train.py', arguments: [--model_name_or_path, Qwen/Qwen3-8B, --per_device_train_batch_size, '2'], driver: {cores: 1}, executor: {instances: 2, gpu: {name: nvidia.com/gpu, quantity: 1}}}";
        var workload = Manifest.Read(Manifest.Of("sparkoperator.k8s.io/v1beta2", "SparkApplication", Application));

        Assert.Empty(TrainingCommandReader.Read(workload.Pods[0].Spec()!, 1, []));
        var executor = workload.Pods[1].Spec()!;
        OperatorEnvironment.Add(Manifest.Json(Manifest.Of("sparkoperator.k8s.io/v1beta2", "SparkApplication", Application)), 2, executor);
        var read = Assert.Single(TrainingCommandReader.Read(executor, 2, []));
        Assert.Equal("Qwen/Qwen3-8B", read.Job.Model?.Name);
        Assert.Contains("how many processes Spark starts", Assert.Single(read.NotUnderstood), StringComparison.Ordinal);
    }

    /// <summary>k8s-nim-operator config/samples/nim/serving/advanced/dra.</summary>
    [Fact]
    public void A_NIMService_may_ask_for_its_GPUs_by_claims()
    {
        var pods = Assert.Single(Manifest.Read(Manifest.Of("apps.nvidia.com/v1alpha1", "NIMService",
            "{image: {repository: nvcr.io/nim/meta/llama-3.1-8b-instruct, tag: 1.8.0}, draResources: [{resourceClaimTemplateName: ours}, {claimCreationSpec: {devices: [{name: gpu}]}}]}")).Pods);

        Assert.Equal(["ours", null], pods.Pod.Spec.ResourceClaims.Select(claim => claim.ResourceClaimTemplateName));
        Assert.True(UnknownDevice.Of(pods.Pod.Spec)?.IsClaim);
    }

    private static Workload? Read(string yaml) => Companions.Read(Manifest.Json(yaml), []);
}
