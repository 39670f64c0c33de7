using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class WorkloadReviewTests
{
    /// <summary>8 billion parameters, fully trained: 131 GiB on one GPU, 25 on eight, so that the number of GPUs decides.</summary>
    private const string Full = """
        model: {name: meta-llama/Llama-3.1-8B}
        training: {method: Full, sequenceLength: 4096, recompute: Full}
        """;

    private static readonly PoolInventory Inventory = Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0"));

    public static TheoryData<string, string, string> Labelled => [.. Manifest.TwoPodsOfFour("gpumem.io/training-job: job").Select(one => (one.Kind, one.Yaml, one.Yaml.Replace("nvidia.com/gpu: 4", "nvidia.com/gpu: 1", StringComparison.Ordinal).Replace("eplicas: 2", "eplicas: 1", StringComparison.Ordinal).Replace("arallelism: 2", "arallelism: 1", StringComparison.Ordinal).Replace("completions: 2", "completions: 1", StringComparison.Ordinal).Replace("size: 2", "size: 1", StringComparison.Ordinal).Replace("count: 2", "count: 1", StringComparison.Ordinal)))];

    [Theory]
    [MemberData(nameof(Labelled))]
    public void Every_kind_is_judged_by_the_GPUs_that_it_starts(string kind, string eight, string few)
    {
        var fitting = Review(eight, Jobs.Of(Full));
        Assert.True(fitting.Allowed, $"{kind}: {fitting.Message}");
        Assert.Empty(fitting.Warnings);

        // Kinds with two templates still start two GPUs, on which it is a close thing.
        var lacking = Review(few, Jobs.Of(Full));
        Assert.True(!lacking.Allowed || lacking.Warnings.Count > 0, kind);
    }

    [Fact]
    public void A_denial_says_what_would_fit_on_so_many_GPUs()
    {
        var decision = Review(Manifest.Of("batch/v1", "Job", "{template: " + Manifest.Template(1, "gpumem.io/training-job: job") + "}"), Jobs.Of(Full));

        Assert.False(decision.Allowed);
        Assert.StartsWith("needs 131", decision.Message, StringComparison.Ordinal);
        Assert.Contains("Fix: parallelism.data=4", decision.Message![..200], StringComparison.Ordinal);
        Assert.Contains("It counts the 1 GPU that the workload starts", decision.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_targetRef_may_name_the_workload_whatever_version_it_speaks_of() => Assert.False(Review(
        Manifest.Of("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Master: {template: " + Manifest.Template(1) + "}}}"),
        Jobs.Of(Full + "\ntargetRef: {apiVersion: kubeflow.org/v1beta1, kind: PyTorchJob, name: ft}")).Allowed);

    [Fact]
    public void A_label_on_the_workload_itself_ties_what_has_no_template() => Assert.False(Review(
        Manifest.Of("trainer.kubeflow.org/v1alpha1", "TrainJob", "{trainer: {numNodes: 1, resourcesPerNode: {limits: {nvidia.com/gpu: 1}}}}")
            .Replace("{name: ft}", "{name: ft, labels: {gpumem.io/training-job: job}}", StringComparison.Ordinal),
        Jobs.Of(Full)).Allowed);

    [Fact]
    public void A_number_of_GPUs_that_the_layout_does_not_divide_is_told()
    {
        var decision = Review(Manifest.Of("batch/v1", "Job", "{parallelism: 3, completions: 3, template: " + Manifest.Template(2, "gpumem.io/training-job: job") + "}"), Jobs.Of(Full + "\nparallelism: {tensor: 4}"));

        Assert.True(decision.Allowed);
        Assert.Contains("starts 6 GPUs", Assert.Single(decision.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_without_GPUs_are_none_of_our_business() => Assert.Equal(
        (true, 0), Review(Manifest.Of("batch/v1", "Job", "{template: " + Manifest.Template(0, "gpumem.io/training-job: job") + "}"), Jobs.Of(Jobs.Impossible)) is var decision ? (decision.Allowed, decision.Warnings.Count) : default);

    [Fact]
    public void A_command_that_cannot_fit_is_warned_of_when_nobody_describes_it()
    {
        var decision = Review(Vllm("meta-llama/Llama-3.1-70B-Instruct", gpus: 1, tensor: 1));

        Assert.True(decision.Allowed);
        Assert.Collection(
            decision.Warnings,
            verdict => Assert.Matches("^would not fit: needs 1[0-9.]+ GiB per GPU; NVIDIA-H100-80GB-HBM3 has 79.1 GiB: the weights alone are more$", verdict),
            fix => Assert.Contains("tensor 1; fix: --tensor-parallel-size 4 (holds ", fix, StringComparison.Ordinal));
        Assert.All(decision.Warnings, warning => Assert.InRange(warning.Length, 1, 120));
    }

    /// <summary>39 GiB of weights (42.5 GB of a file, but for the embedding) and 40 of cache on one card. Of llama.cpp's two types each is f16 where no flag names it, and slots divide the context.</summary>
    [Theory]
    [InlineData("-c, '131072'", "looks like LlamaCpp on 1 GPU; fix: --cache-type-k q8_0 --cache-type-v q8_0 (62.3 GiB on 1 GPU of ")]
    [InlineData("-c, '262144', -np, '2', -ctk, q8_0", "looks like LlamaCpp on 1 GPU; fix: --parallel 1 --ctx-size 131072 (71.9 GiB on 1 GPU of ")]
    public void A_fix_is_spelled_as_the_engine_has_it(string more, string said)
    {
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: server, image: 'ghcr.io/ggml-org/llama.cpp:server-cuda', "
            + "args: ['-hf', 'bartowski/Llama-3.3-70B-Instruct-GGUF:Q4_K_M', '-ngl', '99', " + more + "], resources: {limits: {nvidia.com/gpu: 1}}}]}}}"));

        Assert.Contains(decision.Warnings, warning => warning.StartsWith(said, StringComparison.Ordinal));
    }

    /// <summary>The best fix is said to its end, with less of who was recognised where there is no room for both.</summary>
    [Fact]
    public void A_fix_is_said_to_its_end()
    {
        const string Train = "torchrun, --nproc_per_node=8, pretrain_gpt.py, --num-layers=80, --hidden-size=8192, --num-attention-heads=64, --ffn-hidden-size=28672, --swiglu, --seq-length=8192, "
            + "--max-position-embeddings=8192, --micro-batch-size=1, --global-batch-size=128, --bf16, --tensor-model-parallel-size=8, --use-distributed-optimizer, --vocab-size=128256";
        var decision = Review(Manifest.Of("batch/v1", "Job", "{template: {spec: {containers: [{name: main, image: x, command: [" + Train + "], resources: {limits: {nvidia.com/gpu: 8}}}]}}}"));

        Assert.Equal(3, decision.Warnings.Count);
        Assert.StartsWith("looks like Megatron-LM", decision.Warnings[1], StringComparison.Ordinal);
        Assert.Matches(@"^fix: .*\)$", decision.Warnings[2]);
        Assert.All(decision.Warnings, warning => Assert.InRange(warning.Length, 1, 120));
    }

    /// <summary>What is no container is the API server's to refuse.</summary>
    [Theory]
    [InlineData("initContainers: [null], containers: [{name: a, image: x, resources: {limits: {nvidia.com/gpu: 1}}}, null]")]
    [InlineData("initContainers: [{name: a, image: x, resources: {limits: {nvidia.com/gpu: 1}}}]")]
    [InlineData("containers: null, initContainers: [{name: a, image: x, command: [null], resources: {limits: {nvidia.com/gpu: 1}}}]")]
    public void Containers_that_are_none_are_no_fault_of_ours(string spec)
    {
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {" + spec + "}}}"));

        Assert.True(decision.Allowed);
        Assert.Empty(decision.Warnings);
    }

    [Theory]
    [InlineData(1_000, 2)]
    [InlineData(100_000, 0)]
    public void A_script_longer_than_anybody_writes_is_not_read_while_a_review_waits(int blanks, int warnings)
    {
        var script = $"echo {new string('x', blanks)}\nvllm serve meta-llama/Llama-3.1-70B-Instruct --max-model-len 8192";
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: vllm, image: 'vllm/vllm-openai:v0.11.0', command: [sh, -c, "
            + System.Text.Json.JsonSerializer.Serialize(script) + "], resources: {limits: {nvidia.com/gpu: 1}}}]}}}"));

        Assert.Equal((true, warnings), (decision.Allowed, decision.Warnings.Count));
    }

    /// <summary>The weights alone are 131 GiB, whatever length the model is asked for.</summary>
    [Theory]
    [InlineData("image: 'vllm/vllm-openai:v0.11.0', args: [--model, meta-llama/Llama-3.1-70B-Instruct]")]
    [InlineData("image: x, command: [vllm, serve, meta-llama/Llama-3.1-70B-Instruct]")]
    [InlineData("image: 'lmsysorg/sglang:v0.5.4', command: [python3, -m, sglang.launch_server], args: [--model-path, meta-llama/Llama-3.1-70B-Instruct]")]
    [InlineData("image: 'ghcr.io/huggingface/text-generation-inference:3.3.4', args: [--model-id, meta-llama/Llama-3.1-70B-Instruct]")]
    public void A_server_of_which_no_length_is_stated_is_warned_of_too(string container)
    {
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: server, " + container + ", resources: {limits: {nvidia.com/gpu: 1}}}]}}}"));

        Assert.True(decision.Allowed);
        Assert.Contains(decision.Warnings, warning => warning.StartsWith("would not fit: needs ", StringComparison.Ordinal));
    }

    /// <summary>The base model was made for 131,072 tokens, which an A10G has no room for; the Instruct, of the same size, for 32,768.</summary>
    [Fact]
    public void A_variant_that_may_be_shorter_than_its_family_is_not_said_to_be_too_long() => Assert.Empty(WorkloadReview.Validate(
        Manifest.Read(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: vllm, image: 'vllm/vllm-openai:v0.11.0', args: [--model, Qwen/Qwen2.5-7B-Instruct], resources: {limits: {nvidia.com/gpu: 1}}}]}}}")),
        "team", new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.A10G("a-0")), [])).Warnings);

    /// <summary>15 GiB of weights, and a card of 79 of which the pod may have a part.</summary>
    [Theory]
    [InlineData("", "nvidia.com/gpu: 1", "default-scheduler", 0)]
    [InlineData("", "nvidia.com/gpu: 1, nvidia.com/gpumem: 10240", "default-scheduler", 2)]
    [InlineData("gpu-fraction: '0.15'", "cpu: 1", "runai-scheduler", 2)]
    [InlineData("gpu-fraction: '0.15'", "cpu: 1", "kai-scheduler", 0)]
    [InlineData("gpu-fraction: '0.5'", "cpu: 1", "runai-scheduler", 0)]
    public void A_command_is_held_against_the_part_of_a_GPU_that_its_pod_gets(string annotations, string limits, string scheduler, int warnings)
    {
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {metadata: {annotations: {" + annotations
            + "}}, spec: {schedulerName: " + scheduler + ", containers: [{name: vllm, image: 'vllm/vllm-openai:v0.11.0', args: [--model, meta-llama/Llama-3.1-8B-Instruct, --max-model-len, '8192'], resources: {limits: {" + limits + "}}}]}}}"));

        Assert.Equal((true, warnings), (decision.Allowed, decision.Warnings.Count));
    }

    /// <summary>131 GiB on one GPU are more than all of it: parts of GPUs are GPUs of the workload, too.</summary>
    [Theory]
    [InlineData("gpu-fraction: '0.5'", "cpu: 1", "kai-scheduler")]
    [InlineData("gpu-fraction: '0.5', gpu-fraction-num-devices: '1'", "cpu: 1", "runai-scheduler")]
    [InlineData("", "koordinator.sh/gpu-memory-ratio: 50", "koord-scheduler")]
    public void Parts_of_GPUs_are_counted_as_those_that_the_workload_starts(string annotations, string limits, string scheduler)
    {
        var decision = Review(Manifest.Of("batch/v1", "Job", "{template: {metadata: {labels: {gpumem.io/training-job: job}, annotations: {" + annotations + "}}, spec: {schedulerName: " + scheduler
            + ", containers: [{name: main, image: x, resources: {limits: {" + limits + "}}}]}}}"), Jobs.Of(Full));

        Assert.False(decision.Allowed);
        Assert.Contains("It counts the 1 GPU that the workload starts", decision.Message, StringComparison.Ordinal);
    }

    /// <summary>The folder is known by the init container that downloads into the same volume.</summary>
    [Theory]
    [InlineData("models", 2)]
    [InlineData("scratch", 0)]
    public void A_model_that_an_init_container_downloads_is_warned_of_too(string volume, int warnings)
    {
        var decision = Review(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {initContainers: [{name: fetch, image: x, command: [hf, download, meta-llama/Llama-3.1-70B-Instruct, --local-dir, /m/llama], "
            + "volumeMounts: [{name: " + volume + ", mountPath: /m}]}], containers: [{name: vllm, image: 'vllm/vllm-openai:v0.11.0', args: [--model, /models/llama, --max-model-len, '8192'], "
            + "volumeMounts: [{name: models, mountPath: /models}], resources: {limits: {nvidia.com/gpu: 1}}}]}}}"));

        Assert.Equal((true, warnings), (decision.Allowed, decision.Warnings.Count));
    }

    /// <summary>The GPUs that are enough are behind a taint, and who tolerates it is said elsewhere: by a runtime, by the workflow, by the flavor that Kueue chooses.</summary>
    [Theory]
    [InlineData("trainer.kubeflow.org/v1alpha1", "TrainJob", "{runtimeRef: {name: torch}, trainer: {numNodes: 1, resourcesPerNode: R}}", "")]
    [InlineData("serving.kserve.io/v1beta1", "InferenceService", "{predictor: {model: {modelFormat: {name: vllm}, resources: R}}}", "")]
    [InlineData("serving.kserve.io/v1alpha1", "LLMInferenceService", "{template: {containers: [{name: main, resources: R}]}}", "")]
    [InlineData("argoproj.io/v1alpha1", "Workflow", "{tolerations: [{key: dedicated, operator: Exists}], templates: [{name: train, container: {resources: R}}]}", "")]
    [InlineData("batch/v1", "Job", "{suspend: true, template: {spec: {containers: [{name: main, resources: R}]}}}", ", kueue.x-k8s.io/queue-name: gpus")]
    public void A_taint_is_not_held_against_pods_whose_tolerations_are_not_all_known(string version, string kind, string spec, string label)
    {
        var inventory = Tests.Nodes.Inventory(Tests.Nodes.A10G("a-0"), Tests.Nodes.H100x8("h-0").Tainted("dedicated", "training"));
        var job = Jobs.Of("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {method: LoRA, sequenceLength: 4096}");
        PodDecision Of(string labels) => WorkloadReview.Validate(
            Manifest.Read(Manifest.Of(version, kind, spec.Replace("R}", "{limits: {nvidia.com/gpu: 1}}}", StringComparison.Ordinal)).Replace("{name: ft}", "{name: ft, labels: {gpumem.io/training-job: job" + labels + "}}", StringComparison.Ordinal)),
            "team", new FixedCluster(inventory, [job]));

        Assert.True(Of(label).Allowed);
        Assert.Equal(label.Length == 0, Of("").Allowed);
    }

    [Theory]
    [InlineData("nodeSelector: {eks.amazonaws.com/nodegroup: a10g}, ", "", false)]
    [InlineData("nodeSelector: {eks.amazonaws.com/nodegroup: a10g}, ", "nodeSelector: {karpenter.sh/nodepool: h100}, ", true)]
    [InlineData("nodeSelector: {eks.amazonaws.com/nodegroup: '{{workflow.parameters.pool}}'}, ", "", true)]
    public void A_step_runs_where_its_template_says_or_else_its_workflow(string workflow, string template, bool isAllowed)
    {
        var inventory = Tests.Nodes.Inventory(Tests.Nodes.A10G("a-0"), Tests.Nodes.H100x8("h-0"));
        var steps = Manifest.Of("argoproj.io/v1alpha1", "Workflow", "{" + workflow + "templates: [{name: train, " + template + "metadata: {labels: {gpumem.io/training-job: job}}, container: " + Manifest.Container(1) + "}]}");

        Assert.Equal(isAllowed, WorkloadReview.Validate(Manifest.Read(steps), "team", new FixedCluster(inventory, [Jobs.Of("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {method: LoRA, sequenceLength: 4096}")])).Allowed);
    }

    /// <summary>12 GPUs in pods of 8 and of 4, and 8 in one pod beside a group that is suspended.</summary>
    [Theory]
    [InlineData("batch.volcano.sh/v1alpha1", "Job", "{tasks: [{name: master, template: M}, {name: worker, template: W}]}")]
    [InlineData("ray.io/v1", "RayCluster", "{headGroupSpec: {template: M}, workerGroupSpecs: [{groupName: more, replicas: 3, suspend: true, template: W}]}")]
    public void Pods_of_several_sizes_are_one_world(string version, string kind, string spec) => Assert.Empty(Review(
        Manifest.Of(version, kind, spec.Replace("template: M", "template: " + Manifest.Template(8, "gpumem.io/training-job: job"), StringComparison.Ordinal).Replace("template: W", "template: " + Manifest.Template(4, "gpumem.io/training-job: job"), StringComparison.Ordinal)),
        Jobs.Of(Full)).Warnings);

    /// <summary>156 GiB on one GPU, 45 on each of four.</summary>
    [Theory]
    [InlineData(3, "", 0)]
    [InlineData(0, "", 2)]
    [InlineData(0, "elasticPolicy: {minReplicas: 1, maxReplicas: 4}, ", 0)]
    public void The_pods_of_all_templates_train_together_when_a_command_is_read(int workers, string elastic, int warnings)
    {
        const string template = "{spec: {containers: [{name: pytorch, image: x, command: [torchrun, run_clm.py, --model_name_or_path, meta-llama/Llama-3.1-8B, --per_device_train_batch_size, '1', --block_size, '2048', --bf16, 'True', --gradient_checkpointing, 'True', --fsdp, full_shard auto_wrap], resources: {limits: {nvidia.com/gpu: 1}}}]}}";
        var decision = Review(Manifest.Of("kubeflow.org/v1", "PyTorchJob", "{" + elastic + "pytorchReplicaSpecs: {Master: {replicas: 1, template: " + template + "}, Worker: {replicas: " + workers + ", template: " + template + "}}}"));

        Assert.Equal(warnings, decision.Warnings.Count);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-70B-Instruct", 4)]
    [InlineData("somebody/unheard-of-70B", 1)]
    public void A_command_that_fits_or_is_not_understood_is_not_spoken_of(string model, int tensor) => Assert.Empty(Review(Vllm(model, tensor, tensor)).Warnings);

    [Fact]
    public void A_thousand_templates_are_answered()
    {
        var jobs = string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"{{name: j{i}, template: {{spec: {{template: {Manifest.Template(1 + (i % 8), "gpumem.io/training-job: job")}}}}}}}"));

        Assert.NotNull(Review(Manifest.Of("jobset.x-k8s.io/v1alpha2", "JobSet", "{replicatedJobs: [" + jobs + "]}"), Jobs.Of(Full)));
    }

    private static string Vllm(string model, int gpus, int tensor) => Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: vllm, image: 'vllm/vllm-openai:v0.11.0', args: [--model, " + model
        + ", --max-model-len, '8192', --tensor-parallel-size, '" + tensor + "'], resources: {limits: {nvidia.com/gpu: " + gpus + "}}}]}}}");

    private static PodDecision Review(string yaml, params TrainingJob[] jobs) => WorkloadReview.Validate(Manifest.Read(yaml), "team", new FixedCluster(Inventory, jobs));
}
