using GpuMem.Api.Cluster;
using GpuMem.Api.Commands;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>Resources that say which model is served and leave the command to their operator, in the shapes of these projects' own samples.</summary>
public sealed class ServedModelsTests
{
    private const string Runtime = """
        apiVersion: production-stack.vllm.ai/v1alpha1
        kind: VLLMRuntime
        metadata: {name: sample}
        spec:
          model: {modelURL: WHICH, enableLoRA: false, enableTool: false, maxModelLen: 4096, dtype: bfloat16, maxNumSeqs: 32}
          vllmConfig: {enablePrefixCaching: false, tensorParallelSize: 1, gpuMemoryUtilization: "0.8", extraArgs: ["--disable-log-requests"], v1: true, port: 8000, env: [{name: HF_HOME, value: /data}]}
          deploymentConfig:
            replicas: 2
            resources: {cpu: "5", memory: 32Gi, gpu: "1", gpuType: nvidia.com/gpu}
            image: {registry: docker.io, name: "lmcache/vllm-openai:2025-05-27-v1"}
        """;

    private const string KubeAi = """
        apiVersion: kubeai.org/v1
        kind: Model
        metadata: {name: sample}
        spec:
          features: [TextGeneration]
          url: hf://WHICH
          engine: VLLM
          args: [--max-model-len=4096, --max-num-batched-token=4096, --gpu-memory-utilization=0.9, --disable-log-requests]
          resourceProfile: nvidia-gpu-h100:1
        """;

    private const string RayServe = """
        apiVersion: ray.io/v1
        kind: RayService
        metadata: {name: sample}
        spec:
          serveConfigV2: |
            applications:
            - name: llms
              import_path: ray.serve.llm:build_openai_app
              route_prefix: "/"
              args:
                llm_configs:
                - model_loading_config: {model_id: ours, model_source: WHICH}
                  accelerator_type: H100
                  engine_kwargs: {dtype: bfloat16, max_model_len: 4096, gpu_memory_utilization: 0.9, enable_prefix_caching: true}
                  deployment_config: {autoscaling_config: {min_replicas: 1, max_replicas: 4}}
          rayClusterConfig:
            headGroupSpec: {rayStartParams: {num-gpus: "0"}, template: {spec: {containers: [{name: ray-head, image: rayproject/ray-llm:2.50.1-py311-cu124}]}}}
            workerGroupSpecs:
            - replicas: 1
              groupName: gpu-group
              template: {spec: {containers: [{name: ray-worker, image: rayproject/ray-llm:2.50.1-py311-cu124, resources: {limits: {nvidia.com/gpu: 1}}}]}}
        """;

    private const string Nim = """
        apiVersion: apps.nvidia.com/v1alpha1
        kind: NIMService
        metadata: {name: sample}
        spec:
          image: {repository: nvcr.io/nim/WHICH, tag: 1.8.3, pullPolicy: IfNotPresent}
          env: [{name: NIM_MAX_MODEL_LEN, value: "4096"}, {name: NIM_LOG_LEVEL, value: INFO}]
          resources: {limits: {nvidia.com/gpu: 1}}
        """;

    public static TheoryData<string, string, string> Served => new()
    {
        { "VLLMRuntime", Runtime, "meta-llama/Llama-3.1-8B-Instruct" }, { "Model", KubeAi, "meta-llama/Llama-3.1-8B-Instruct" },
        { "RayService", RayServe, "meta-llama/Llama-3.1-8B-Instruct" }, { "NIMService", Nim, "meta/llama-3.1-8b-instruct" },
    };

    [Theory]
    [MemberData(nameof(Served))]
    public void The_model_the_length_and_the_GPUs_are_read(string kind, string yaml, string model)
    {
        var workload = Manifest.Read(yaml.Replace("WHICH", model, StringComparison.Ordinal));

        Assert.NotNull(WorkloadKinds.Find(workload.Identity.ApiVersion, kind));
        var pods = Assert.Single(workload.Pods, pods => PodGpus.Of(pods.Pod.Spec).Count > 0);
        Assert.Equal(new PodGpus("nvidia.com/gpu", 1), PodGpus.Of(pods.Pod.Spec));
        var read = Assert.Single(EngineCommandReader.Read(pods.Spec()!));
        Assert.Equal((model, 4096L), (read.Settings.Model?.Name, read.Settings.ContextLength));
        Assert.Empty(read.NotUnderstood);
        Assert.Empty(read.Refused);
    }

    [Theory]
    [MemberData(nameof(Served))]
    public void What_cannot_fit_is_warned_of_and_what_fits_is_not(string kind, string yaml, string model)
    {
        Assert.Empty(Warnings(yaml.Replace("WHICH", model, StringComparison.Ordinal)));

        var warnings = Warnings(yaml.Replace("WHICH", model.Replace("8B", "405B", StringComparison.Ordinal).Replace("8b", "405b", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.True(warnings.Count >= 2, kind);
        Assert.StartsWith("would not fit: ", warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NIM_it_is_said_which_profile_is_taken_and_no_flag_of_the_engine_is_proposed()
    {
        var warnings = Warnings(Nim.Replace("WHICH", "meta/llama-3.1-405b-instruct", StringComparison.Ordinal));

        Assert.StartsWith("looks like NIM with tensor 1", warnings[1], StringComparison.Ordinal);
        Assert.DoesNotContain("--", warnings[1], StringComparison.Ordinal);
        Assert.Equal("NIM of meta/llama-3.1-405b-instruct is taken for its FP8 profile on one GPU.", warnings[2]);
    }

    /// <summary>Where there are GPUs that multiply four bits, a profile that stores weights in them may be taken.</summary>
    [Fact]
    public void Of_NIM_less_is_asked_where_there_are_GPUs_of_Blackwell()
    {
        var (nim, b200) = (Nim.Replace("WHICH", "meta/llama-3.1-405b-instruct", StringComparison.Ordinal).Replace("gpu: 1", "gpu: 2", StringComparison.Ordinal), Tests.Nodes.Of("b-0", 8, ("nvidia.com/gpu.product", "NVIDIA-B200"), ("nvidia.com/gpu.memory", "183359")));

        Assert.NotEmpty(Warnings(nim));
        Assert.Empty(Warnings(nim, b200));
        Assert.Equal("NIM of meta/llama-3.1-405b-instruct is taken for its NVFP4 profile on one GPU.", Warnings(nim.Replace("gpu: 2", "gpu: 1", StringComparison.Ordinal), b200)[2]);
    }

    /// <summary>A profile of the author's own says what nobody here knows; an image of another kind of model is none of these.</summary>
    [Theory]
    [InlineData("nvcr.io/nim/meta/llama-3.1-405b-instruct", "NIM_MODEL_PROFILE", false)]
    [InlineData("nvcr.io/nim/nvidia/nv-embedqa-e5-v5", "NIM_LOG_LEVEL", false)]
    [InlineData("nvcr.io/nim/nvidia/llm-nim", "NIM_LOG_LEVEL", false)]
    [InlineData("registry.local/mirror/nim/meta/llama-3.1-405b-instruct", "NIM_LOG_LEVEL", true)]
    public void NIM_is_warned_of_only_where_its_model_and_profile_are_known(string image, string variable, bool isWarned) => Assert.Equal(
        isWarned,
        Warnings(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: nim, image: '" + image + ":1.8', env: [{name: " + variable + ", value: x}], resources: {limits: {nvidia.com/gpu: 1}}}]}}}")).Count > 0);

    [Theory]
    [InlineData("google-tpu-v5e-2x2:4", 0)]
    [InlineData("cpu:1", 0)]
    [InlineData("nvidia-gpu-l4:8", 8)]
    [InlineData("nvidia-gpu-l4", 1)]
    public void A_profile_of_KubeAI_has_so_many_GPUs(string profile, long gpus) =>
        Assert.Equal(gpus, Manifest.Read(KubeAi.Replace("nvidia-gpu-h100:1", profile, StringComparison.Ordinal)).Pods.Sum(pods => PodGpus.Of(pods.Pod.Spec).Count));

    [Theory]
    [InlineData("applications: [{args: {llm_configs: [{model_loading_config: {model_id: a/b}}, {model_loading_config: {model_id: c/d}}]}}]")]
    [InlineData("applications: [{args: {llm_configs: [models/qwen.yaml]}}]")]
    [InlineData("applications: [{import_path: text.app}]")]
    [InlineData("applications: [")]
    [InlineData("7")]
    public void Of_what_Ray_Serve_does_not_say_alone_nothing_is_read(string config)
    {
        var yaml = RayServe.Split('\n').ToList();
        var (from, to) = (yaml.FindIndex(line => line.Contains("serveConfigV2", StringComparison.Ordinal)), yaml.FindIndex(line => line.Contains("rayClusterConfig", StringComparison.Ordinal)));
        yaml.RemoveRange(from, to - from);
        yaml.Insert(from, "  serveConfigV2: |\n    " + config);

        Assert.DoesNotContain(Manifest.Read(string.Join('\n', yaml)).Pods, pods => EngineCommandReader.Read(pods.Spec()!).Any());
    }

    [Fact]
    public void Executors_of_Spark_train_together_and_carry_their_labels()
    {
        var workload = Manifest.Read("""
            apiVersion: sparkoperator.k8s.io/v1beta2
            kind: SparkApplication
            metadata: {name: sample}
            spec:
              type: Python
              image: spark-gpu
              mainApplicationFile: local:///opt/train.py
              driver: {cores: 1, memory: 512m}
              executor: {instances: 4, cores: 1, gpu: {name: nvidia.com/gpu, quantity: 2}, labels: {gpumem.io/training-job: job}, nodeSelector: {pool: h100}}
            """);

        Assert.Equal((4, 8L), (workload.PodsTogether, GpusTogether.Of(workload, workload.Pods.Where(pods => pods.Role == "executor")).Count));
        var executor = workload.Pods[1];
        Assert.Equal(("job", "h100"), (executor.Pod.Metadata.Labels["gpumem.io/training-job"], executor.Pod.Spec.NodeSelector["pool"]));
    }

    private static IReadOnlyList<string> Warnings(string yaml, V1Node? node = null) =>
        WorkloadReview.Validate(Manifest.Read(yaml), "team", new FixedCluster(Tests.Nodes.Inventory(node ?? Tests.Nodes.H100x8("h-0")), [])).Warnings;
}
