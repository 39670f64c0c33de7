using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Commands;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What a workload leaves to its controller is read of the objects that stand beside it in the same files.</summary>
public sealed class CompanionsTests
{
    private const string Model = """
        apiVersion: llmaz.io/v1alpha1
        kind: OpenModel
        metadata: {name: served}
        spec:
          familyName: llama3
          source: {modelHub: {modelID: WHICH}}
          inferenceConfig: {flavors: [{name: h100, limits: {nvidia.com/gpu: 1}}]}
        ---
        """;

    private const string Playground = Model + """

        apiVersion: inference.llmaz.io/v1alpha1
        kind: Playground
        metadata: {name: served}
        spec:
          replicas: 1
          modelClaim: {modelName: served}
          backendRuntimeConfig: {backendName: vllm, args: [--max-model-len, "4096"]}
        """;

    private const string Service = """
        apiVersion: inference.llmaz.io/v1alpha1
        kind: Service
        metadata: {name: served}
        spec:
          modelClaims: {models: [{name: served}]}
          replicas: 2
          workloadTemplate:
            size: 1
            workerTemplate:
              spec:
                containers:
                - name: model-runner
                  image: lmsysorg/sglang:v0.5.5
                  command: [python3, -m, sglang.launch_server, --model-path, WHICH, --context-length, "4096"]
                  resources: {limits: {nvidia.com/gpu: 1}}
        """;

    private const string Configured = """
        apiVersion: serving.kserve.io/v1alpha1
        kind: LLMInferenceServiceConfig
        metadata: {name: our-model}
        spec: {model: {uri: hf://WHICH}}
        ---
        apiVersion: serving.kserve.io/v1alpha1
        kind: LLMInferenceServiceConfig
        metadata: {name: our-gpus, namespace: kserve}
        spec: {template: {containers: [{name: main, image: "vllm/vllm-openai:v0.11.0", resources: {limits: {nvidia.com/gpu: 1}}}]}}
        ---
        apiVersion: serving.kserve.io/v1alpha1
        kind: LLMInferenceService
        metadata: {name: served}
        spec:
          baseRefs: [{name: our-model}, {name: our-gpus}]
          template: {containers: [{name: main, args: [--max-model-len=4096]}]}
        """;

    public static TheoryData<string> Completed => [Playground, Playground.Replace("vllm", "sglang", StringComparison.Ordinal).Replace("--max-model-len", "--context-length", StringComparison.Ordinal), Service, Configured];

    [Theory]
    [MemberData(nameof(Completed))]
    public void The_model_the_length_and_the_GPUs_are_read(string yaml)
    {
        var pods = Assert.Single(Read(yaml.Replace("WHICH", "meta-llama/Llama-3.1-8B-Instruct", StringComparison.Ordinal)).Pods);

        Assert.Equal(new PodGpus("nvidia.com/gpu", 1), PodGpus.Of(pods.Pod.Spec));
        var read = Assert.Single(EngineCommandReader.Read(pods.Spec()!));
        Assert.Equal(("meta-llama/Llama-3.1-8B-Instruct", 4096L), (read.Settings.Model?.Name, read.Settings.ContextLength));
        Assert.Empty(read.NotUnderstood);
    }

    [Theory]
    [MemberData(nameof(Completed))]
    public void What_cannot_fit_is_warned_of_and_what_fits_is_not(string yaml)
    {
        Assert.Empty(Warnings(yaml.Replace("WHICH", "meta-llama/Llama-3.1-8B-Instruct", StringComparison.Ordinal)));
        Assert.StartsWith("would not fit: needs", Warnings(yaml.Replace("WHICH", "meta-llama/Llama-3.1-405B-Instruct", StringComparison.Ordinal))[0], StringComparison.Ordinal);
    }

    /// <summary>The service's own words go over those of its configurations, and a later configuration's over an earlier one's.</summary>
    [Fact]
    public void The_last_word_of_configurations_counts()
    {
        var yaml = Configured.Replace("WHICH", "meta-llama/Llama-3.1-8B-Instruct", StringComparison.Ordinal).Replace("nvidia.com/gpu: 1}}}]}}", "nvidia.com/gpu: 1}}}]}, model: {uri: hf://Qwen/Qwen3-8B}}", StringComparison.Ordinal);

        Assert.Equal("Qwen/Qwen3-8B", Assert.Single(EngineCommandReader.Read(Assert.Single(Read(yaml).Pods).Spec()!)).Settings.Model?.Name);
    }

    /// <summary>Another's backend, several models, a single file of a repository, a configuration that is nowhere: nobody here knows what is started.</summary>
    [Theory]
    [InlineData("backendName: vllm", "backendName: ours")]
    [InlineData("modelClaim: {modelName: served}", "modelClaims: {models: [{name: served, role: main}, {name: served, role: draft}]}")]
    [InlineData("modelClaim: {modelName: served}", "modelClaim: {modelName: other}")]
    [InlineData("modelID: WHICH", "modelID: WHICH, filename: model-q4_k_m.gguf")]
    public void Of_a_playground_that_says_too_little_nothing_is_said(string said, string instead) =>
        Assert.Empty(Read(Playground.Replace(said, instead, StringComparison.Ordinal).Replace("WHICH", "meta-llama/Llama-3.1-405B-Instruct", StringComparison.Ordinal)).Pods);

    [Fact]
    public void Of_a_service_whose_configuration_is_not_there_nothing_is_said() =>
        Assert.Empty(Warnings(Configured.Replace("[{name: our-model}", "[{name: theirs}, {name: our-model}", StringComparison.Ordinal).Replace("WHICH", "meta-llama/Llama-3.1-405B-Instruct", StringComparison.Ordinal)));

    /// <summary>Flavors are taken in their order: the GPUs are those of the first that is claimed, and any node of theirs will do.</summary>
    [Fact]
    public void The_GPUs_of_a_playground_are_those_of_the_flavor_that_it_claims()
    {
        var yaml = Playground.Replace("[{name: h100, limits: {nvidia.com/gpu: 1}}]", "[{name: a10, limits: {nvidia.com/gpu: 2}, nodeSelector: {gpu: a10}}, {name: h100, limits: {nvidia.com/gpu: 4}, nodeSelector: {gpu: h100}}]", StringComparison.Ordinal);
        var any = Assert.Single(Read(yaml).Pods).Pod.Spec;
        var claimed = Assert.Single(Read(yaml.Replace("modelName: served}", "modelName: served, inferenceFlavors: [h100]}", StringComparison.Ordinal)).Pods).Pod.Spec;

        Assert.Equal((2L, null, 4L, "h100"), (PodGpus.Of(any).Count, any.NodeSelector?["gpu"], PodGpus.Of(claimed).Count, claimed.NodeSelector["gpu"]));
    }

    private static Workload Read(string yaml)
    {
        List<JsonObject> objects = [.. KubernetesYaml.LoadAllFromString(yaml).Select(node => node.AsObject())];
        return Companions.Read(objects[^1], [.. objects.Where(Companions.IsOne)])!;
    }

    private static IReadOnlyList<string> Warnings(string yaml) =>
        WorkloadReview.Validate(Read(yaml), "team", new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), [])).Warnings;
}
