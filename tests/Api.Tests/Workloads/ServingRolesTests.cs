using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What serves a model in roles. T stands for a template and C for a container, of four GPUs each; S for the spec of such a pod.</summary>
public sealed class ServingRolesTests
{
    [Theory]
    [InlineData("workloads.x-k8s.io/v1alpha1", "RoleBasedGroup", "{roles: [{name: router, template: {spec: {containers: [{name: r, image: x}]}}}, {name: prefill, replicas: 2, template: T}]}", "prefill")]
    [InlineData("workloads.x-k8s.io/v1alpha2", "RoleBasedGroup", "{roles: [{name: prefill, standalonePattern: {template: T}}, {name: decode, leaderWorkerPattern: {size: 2, template: T}}]}", "prefill, decode")]
    [InlineData("workloads.x-k8s.io/v1alpha2", "RoleBasedGroup", "{roleTemplates: [{name: base, template: T}], roles: [{name: decode, standalonePattern: {templateRef: {name: base}}}, {name: other, standalonePattern: {templateRef: {name: base, patch: {spec: {containers: []}}}}}]}", "decode")]
    [InlineData("workloads.x-k8s.io/v1alpha2", "RoleBasedGroup", "{roles: [{name: decode, customComponentsPattern: {components: [{name: leader, template: T}, {name: follower, size: 3, template: T}]}}]}", "decode leader, decode follower")]
    [InlineData("orchestration.aibrix.ai/v1alpha1", "StormService", "{replicas: 2, template: {spec: {roles: [{name: prefill, replicas: 2, template: T}, {name: decode, podGroupSize: 2, template: T}]}}}", "prefill, decode")]
    [InlineData("orchestration.aibrix.ai/v1alpha1", "RoleSet", "{roles: [{name: prefill, template: T}]}", "prefill")]
    [InlineData("workload.serving.volcano.sh/v1alpha1", "ModelServing", "{template: {roles: [{name: llama, replicas: 2, entryTemplate: T, workerReplicas: 1, workerTemplate: T}]}}", "llama, llama worker")]
    [InlineData("disaggregatedset.x-k8s.io/v1", "DisaggregatedSet", "{roles: [{name: prefill, spec: {leaderWorkerTemplate: {size: 2, workerTemplate: T}}}]}", "prefill worker")]
    [InlineData("grove.io/v1alpha1", "PodCliqueSet", "{template: {cliques: [{name: decode, spec: {roleName: decode, podSpec: S}}]}}", "decode")]
    [InlineData("nvidia.com/v1beta1", "DynamoGraphDeployment", "{components: [{name: Frontend, podTemplate: {spec: {containers: [{name: main, image: x}]}}}, {name: Worker, type: worker, podTemplate: T}]}", "Worker")]
    [InlineData("nvidia.com/v1alpha1", "DynamoGraphDeployment", "{services: {Frontend: {extraPodSpec: {mainContainer: {image: x}}}, Worker: {resources: {limits: {gpu: '4', cpu: '8'}}, extraPodSpec: {mainContainer: {image: x}}}}}", "Worker")]
    [InlineData("apps.nvidia.com/v1alpha1", "NIMService", "{image: {repository: nvcr.io/nim/x, tag: '1'}, resources: {limits: {nvidia.com/gpu: 4}}}", "")]
    [InlineData("ome.io/v1beta1", "InferenceService", "{model: {name: x}, engine: {runner: C}, decoder: {leader: {runner: C}, worker: {size: 1, runner: C}}}", "engine, decoder leader, decoder worker")]
    [InlineData("argoproj.io/v1alpha1", "Rollout", "{replicas: 2, template: T}", "")]
    [InlineData("apps/v1", "DaemonSet", "{template: T}", "")]
    [InlineData("v1", "ReplicationController", "{template: T}", "")]
    [InlineData("apps.kruise.io/v1alpha1", "CloneSet", "{template: T}", "")]
    [InlineData("kubeflow.org/v1", "Notebook", "{template: T}", "")]
    public void The_pods_with_GPUs_of_each_role_are_found(string version, string kind, string spec, string roles)
    {
        var workload = Read(version, kind, spec);
        var asking = workload.Pods.Where(pods => PodGpus.Of(pods.Pod.Spec).Count > 0).ToList();

        Assert.Equal(roles, string.Join(", ", asking.Select(pods => pods.Role)));
        Assert.All(asking, pods => Assert.Equal(new PodGpus("nvidia.com/gpu", 4), PodGpus.Of(pods.Pod.Spec)));
        Assert.True(workload.AreCopies);
        Assert.NotNull(WorkloadKinds.Find(version, kind));
    }

    /// <summary>131 GiB of weights on one GPU of 79, whether or not there is another that is not used.</summary>
    [Theory]
    [InlineData("workloads.x-k8s.io/v1alpha2", "RoleBasedGroup", "{roles: [{name: decode, standalonePattern: {template: {spec: {containers: [{name: v, image: x, command: [vllm, serve, MODEL], resources: {limits: {nvidia.com/gpu: 2}}}]}}}}]}")]
    [InlineData("nvidia.com/v1alpha1", "DynamoGraphDeployment", "{services: {Worker: {resources: {limits: {gpu: '2'}}, extraPodSpec: {mainContainer: {image: x, command: [python3, -m, dynamo.vllm], args: [--model, MODEL, --is-prefill-worker, --connector, nixl]}}}}}")]
    [InlineData("serving.kserve.io/v1beta1", "InferenceService", "{predictor: {model: {modelFormat: {name: huggingface}, args: [--model_name=llama, --model_id=MODEL], resources: {limits: {nvidia.com/gpu: 1}}}}}")]
    [InlineData("serving.kserve.io/v1beta1", "InferenceService", "{predictor: {model: {modelFormat: {name: huggingface}, storageUri: 'hf://MODEL', resources: {limits: {nvidia.com/gpu: 1}}}}}")]
    [InlineData("serving.kserve.io/v1alpha2", "LLMInferenceService", "{model: {uri: 'hf://MODEL', name: llama}, template: {containers: [{name: main, env: [{name: VLLM_ADDITIONAL_ARGS, value: --max-model-len 8192}], resources: {limits: {nvidia.com/gpu: 2}}}]}}")]
    [InlineData("serving.kserve.io/v1alpha2", "LLMInferenceService", "{model: {uri: 'hf://MODEL'}, template: {containers: [{name: main, env: [{name: VLLM_ADDITIONAL_ARGS, value: '--max-model-len 8192 --kv_transfer_config ''{\"kv_connector\": \"NixlConnector\"}'''}], resources: {limits: {nvidia.com/gpu: 2}}}]}}")]
    [InlineData("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: all, steps: [[{name: serve, inline: {containerSet: {containers: [{name: main, image: x, command: [vllm, serve, MODEL], resources: {limits: {nvidia.com/gpu: 2}}}]}}}]]}]}")]
    public void A_role_whose_command_cannot_fit_is_warned_of(string version, string kind, string spec)
    {
        var workload = Manifest.Read(Manifest.Of(version, kind, spec.Replace("MODEL", "meta-llama/Llama-3.1-70B-Instruct", StringComparison.Ordinal)));
        var decision = WorkloadReview.Validate(workload, "team", new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), []));

        Assert.True(decision.Allowed);
        Assert.Contains(decision.Warnings, warning => warning.StartsWith("would not fit: needs ", StringComparison.Ordinal));
    }

    /// <summary>The tensor size is what the LLMInferenceService says, and all GPUs of an InferenceService; the Hugging Face backend, and a configuration of somebody's own, are not read.</summary>
    [Theory]
    [InlineData("serving.kserve.io/v1alpha2", "LLMInferenceService", "{model: {uri: 'hf://MODEL'}, parallelism: {tensor: 4}, template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 4}}}]}}")]
    [InlineData("serving.kserve.io/v1alpha2", "LLMInferenceService", "{model: {uri: 'hf://MODEL'}, baseRefs: [{name: mine}], template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}]}}")]
    [InlineData("serving.kserve.io/v1beta1", "InferenceService", "{predictor: {model: {modelFormat: {name: huggingface}, args: [--model_id=MODEL, --tensor-parallel-size=1], resources: {limits: {nvidia.com/gpu: 4}}}}}")]
    [InlineData("serving.kserve.io/v1beta1", "InferenceService", "{predictor: {model: {modelFormat: {name: huggingface}, args: [--model_id=MODEL, --backend=huggingface], resources: {limits: {nvidia.com/gpu: 1}}}}}")]
    public void Nothing_is_said_of_what_fits_or_is_not_known(string version, string kind, string spec) => Assert.Empty(
        WorkloadReview.Validate(Manifest.Read(Manifest.Of(version, kind, spec.Replace("MODEL", "meta-llama/Llama-3.1-70B-Instruct", StringComparison.Ordinal))), "team", new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), [])).Warnings);

    private static Workload Read(string version, string kind, string spec) => Manifest.Read(Manifest.Of(version, kind, spec
        .Replace(": T", ": " + Manifest.Template(4), StringComparison.Ordinal)
        .Replace(": C", ": " + Manifest.Container(4), StringComparison.Ordinal)
        .Replace(": S", ": " + Manifest.PodSpec(4), StringComparison.Ordinal)));
}
