using System.Text.Json.Nodes;

namespace GpuMem.Cli.Tests;

/// <summary><c>gpumem explain -f</c> of what people already have: a pod or a Deployment that starts an engine.</summary>
public sealed class ExplainPodTests
{
    [Fact]
    public async Task A_deployment_is_answered_with_what_was_understood_and_with_what_would_make_it_fit()
    {
        var run = await Explain(Deployment("[vllm, serve, meta-llama/Llama-3.1-70B-Instruct, --max-model-len, 8K, --port, '80']"), "--gpu", "h100-80gb");
        Assert.Equal(2, run.Status);
        Assert.Contains("Container engine starts VLLM 0.19.0.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Understood: meta-llama/Llama-3.1-70B-Instruct, --max-model-len 8K.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Without effect on the GPU's memory: --port 80.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Does not fit NVIDIA H100", run.Output, StringComparison.Ordinal);
        Assert.Contains("Fix: tensor=", run.Output, StringComparison.Ordinal);
        Assert.Contains("In flags of VLLM: --tensor-parallel-size ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[vllm, serve, deepseek-ai/DeepSeek-V3, --max-model-len, 8K, --tensor-parallel-size, '8']", "In flags of VLLM: --pipeline-parallel-size 2")]
    [InlineData("[python3, -m, sglang.launch_server, --model-path, deepseek-ai/DeepSeek-V3, --context-length, '8192', --tp, '8']", "In flags of SGLang: --pp-size 2")]
    public async Task A_model_that_is_larger_than_a_node_is_proposed_over_several(string command, string said)
    {
        var run = await Explain(Deployment(command), "--gpu", "h100-80gb");
        Assert.Equal(2, run.Status);
        Assert.Contains(said, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[vllm, serve, meta-llama/Llama-3.1-70B-Instruct, --of-tomorrow, '80']", "--of-tomorrow 80")]
    [InlineData("[llama-server, -hf, meta-llama/Llama-3.1-70B-Instruct, -ngl, '20']", "-ngl 20")]
    public async Task Beside_words_that_are_not_understood_nothing_is_said_for_sure(string command, string said)
    {
        var run = await Explain(Deployment(command), "--gpu", "l4-24gb");
        Assert.Contains($"Not understood, and left out of the estimate: {said}.", run.Output, StringComparison.Ordinal);
        Assert.Contains("May not fit NVIDIA L4", run.Output, StringComparison.Ordinal);
        Assert.Contains("nothing of it is certain. Confidence: Low.", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public async Task A_container_sees_its_own_GPUs_and_not_those_of_its_neighbour()
    {
        static string Engine(string name, int gpus, string more) =>
            "{name: " + name + ", command: [vllm, serve, meta-llama/Llama-3.1-8B" + more + "], resources: {limits: {nvidia.com/gpu: " + gpus + "}}}";
        var run = await Explain("kind: Pod\nspec: {containers: [" + Engine("one", 1, "") + ", " + Engine("two", 2, ", --tensor-parallel-size, '2'") + "]}", "--gpu", "h100-80gb");
        Assert.Contains("Container two starts VLLM", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("The pod asks for", run.Output, StringComparison.Ordinal);
    }

    /// <summary>vLLM starts a group of its own GPUs for each data parallel rank, of which --data-parallel-size-local are in the pod.</summary>
    [Theory]
    [InlineData("", "The pod asks for 2 of nvidia.com/gpu, and tensor parallel size 1 in 4 groups takes 4: set nvidia.com/gpu to 4")]
    [InlineData(", --data-parallel-size-local, '2'", null)]
    public async Task Groups_need_GPUs_of_their_own(string more, string? said)
    {
        var run = await Explain("kind: Pod\nspec: {containers: [{name: one, command: [vllm, serve, meta-llama/Llama-3.1-8B, --data-parallel-size, '4'" + more + "], resources: {limits: {nvidia.com/gpu: 2}}}]}", "--gpu", "h100-80gb");
        Assert.Contains(said ?? "Fits", run.Output, StringComparison.Ordinal);
        Assert.Equal(said is not null, run.Output.Contains("The pod asks for", StringComparison.Ordinal));
    }

    /// <summary>Each stage of a pipeline has GPUs of its own, whatever the engine calls it.</summary>
    [Theory]
    [InlineData("[vllm, serve, meta-llama/Llama-3.1-70B, --max-model-len, '8192', -tp, '2', --pipeline-parallel-size, '2']", 4, null)]
    [InlineData("[python3, -m, sglang.launch_server, --model-path, meta-llama/Llama-3.1-70B, --context-length, '8192', --tp-size, '2', --pp-size, '2']", 4, null)]
    [InlineData("[trtllm-serve, meta-llama/Llama-3.1-70B, --max_seq_len, '8192', --tp_size, '2', --pp_size, '2']", 4, null)]
    [InlineData("[vllm, serve, meta-llama/Llama-3.1-70B, --max-model-len, '8192', -tp, '2', -pp, '2']", 2, "The pod asks for 2 of nvidia.com/gpu, and tensor parallel size 2 × pipeline parallel size 2 takes 4: set nvidia.com/gpu to 4")]
    [InlineData("[vllm, serve, meta-llama/Llama-3.1-70B, --max-model-len, '8192', -tp, '2', -pp, '2']", 8, "tensor parallel size 2 × pipeline parallel size 2 uses 4 of them in each replica")]
    public async Task Stages_need_GPUs_of_their_own(string command, int gpus, string? said)
    {
        var run = await Explain("kind: Pod\nspec: {containers: [{name: one, command: " + command + ", resources: {limits: {nvidia.com/gpu: " + gpus + "}}}]}", "--gpu", "h100-80gb");
        Assert.Contains("tensor 2 × pipeline 2", run.Output, StringComparison.Ordinal);
        Assert.Contains(said ?? "Fits NVIDIA H100", run.Output, StringComparison.Ordinal);
        Assert.Equal(said is not null, run.Output.Contains("The pod asks for", StringComparison.Ordinal));
    }

    /// <summary>The usual server over two nodes: the group's pods hold all stages together.</summary>
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task Pods_of_a_group_hold_the_stages_together(int pods, bool isSaid)
    {
        var run = await Explain(
            "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nspec: {leaderWorkerTemplate: {size: " + pods + ", workerTemplate: {spec: {containers: [{name: one, command: "
            + "[vllm, serve, meta-llama/Llama-3.1-405B, --max-model-len, '8192', -tp, '8', -pp, '2'], resources: {limits: {nvidia.com/gpu: 8}}}]}}}}", "--gpu", "h100-80gb");
        Assert.Contains("tensor 8 × pipeline 2", run.Output, StringComparison.Ordinal);
        Assert.Equal(isSaid, run.Output.Contains("The pod asks for 8 of nvidia.com/gpu, and tensor parallel size 8 × pipeline parallel size 2 takes 16", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_context_that_the_engine_shortens_is_no_refusal()
    {
        var run = await Explain(Deployment("[trtllm-serve, meta-llama/Llama-3.1-8B, --max_seq_len, '131072']"), "--gpu", "a10g");
        Assert.Matches(@"At risk on NVIDIA A10G 24GB: TensorRTLLM serves \d+,\d\d\d of the 131,072 tokens", run.Output);
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public async Task Megatron_is_not_advised_an_optimizer_that_it_does_not_have()
    {
        var run = await Explain("kind: Job\nspec: {parallelism: 2, template: {spec: {containers: [{name: t, command: [torchrun, --nproc-per-node, '8', --nnodes, '2', pretrain_gpt.py, --num-layers, '80', --hidden-size, '8192', "
            + "--ffn-hidden-size, '28672', --num-attention-heads, '64', --group-query-attention, --num-query-groups, '8', --seq-length, '4096', --max-position-embeddings, '4096', --micro-batch-size, '1', --tensor-model-parallel-size, '8', "
            + "--pipeline-model-parallel-size, '2', --bf16, --use-distributed-optimizer, --swiglu, --normalization, RMSNorm, --untie-embeddings-and-output-weights, --vocab-size, '128256', --tokenizer-type, NullTokenizer], "
            + "resources: {limits: {nvidia.com/gpu: 8}}}]}}}", "--gpu", "h100-80gb");
        Assert.Contains("GPU", run.Output, StringComparison.Ordinal);
        Assert.Contains("Fix: ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("AdamW8bit", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flag_that_the_release_does_not_have_is_said_with_one_that_has_it()
    {
        var run = await Explain(Deployment("[vllm, serve, meta-llama/Llama-3.1-8B, --swap-space, '4', --spec-method, ngram]"), "--gpu", "h100-80gb");
        Assert.Contains("Does not start: VLLM 0.19.0 ends at once when given what it does not have: --swap-space 4 (0.17.1 had it), --spec-method ngram (0.23.0 has it).", run.Output, StringComparison.Ordinal);
        Assert.Contains("Fits NVIDIA H100", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Status);
    }

    [Theory]
    [InlineData("python3 -m sglang.launch_server --model-path Qwen/Qwen3-8B --log-level info")]
    [InlineData("python3 -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-8B --max-model-len 4096 --seed 0")]
    public async Task An_engine_is_not_read_a_second_time_as_a_training(string command)
    {
        var run = await Explain(Deployment($"[bash, -c, '{command}']"), "--gpu", "h100-80gb");
        Assert.Equal(0, run.Status);
        Assert.DoesNotContain("Trainer", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fixes_are_written_as_the_engine_spells_them()
    {
        var run = await Explain(Deployment("[python3, -m, sglang.launch_server, --model-path, meta-llama/Llama-3.1-70B-Instruct, --context-length, '8192']"), "--gpu", "h100-80gb");
        Assert.Contains("In flags of SGLang: --tp ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_that_share_experts_take_a_gpu_each()
    {
        var run = await Explain(Deployment("[vllm, serve, deepseek-ai/DeepSeek-V3, -dp, '8', --enable-expert-parallel]"));
        Assert.Contains("The pod asks for 1 of nvidia.com/gpu, and tensor parallel size 1 in 8 groups with one set of experts takes 8: set nvidia.com/gpu to 8", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_estimate_is_that_of_the_same_flags_given_to_inference()
    {
        var explained = await Explain(Deployment("[vllm, serve, meta-llama/Llama-3.1-8B, --max-model-len, 16K, -tp, '2', --kv-cache-dtype, fp8]"), "--gpu", "h100-80gb");
        var asked = await Run.Of("inference", "-m", "meta-llama/Llama-3.1-8B", "--engine-version", "0.19.0", "-s", "16K", "-tp", "2", "--kv-cache-dtype", "fp8", "--gpu", "h100-80gb");
        var conclusion = Assert.Single(asked.Output.Split('\n'), line => line.StartsWith("Fits", StringComparison.Ordinal));
        Assert.Contains(conclusion, explained.Output, StringComparison.Ordinal);
        Assert.Contains("The pod asks for 1 of nvidia.com/gpu, and tensor parallel size 2 takes 2: set nvidia.com/gpu to 2", explained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_length_the_engine_takes_the_models_own() =>
        Assert.Contains("1 × 131,072 tokens", (await Explain(Deployment("[vllm, serve, meta-llama/Llama-3.1-8B]"))).Output, StringComparison.Ordinal);

    [Fact]
    public async Task An_engine_that_serves_what_fits_is_not_held_to_the_models_own_length()
    {
        var run = await Explain(Deployment("[python3, -m, sglang.launch_server, --model-path, meta-llama/Llama-3.1-8B]"), "--gpu", "l4-24gb");
        Assert.Contains("Fits NVIDIA L4", run.Output, StringComparison.Ordinal);
        Assert.Contains("SGLang serves as long a sequence as there is room for; 256 tokens", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [POD]}}}}}")]
    [InlineData("kind: LeaderWorkerSet\nspec: {leaderWorkerTemplate: {workerTemplate: {spec: {containers: [POD]}}}}")]
    [InlineData("kind: InferenceService\nspec: {predictor: {containers: [POD]}}")]
    [InlineData("kind: List\nitems: [{kind: Pod, spec: {containers: [null, POD]}}]")]
    public async Task Whatever_makes_pods_is_read(string yaml)
    {
        var run = await Explain(yaml.Replace("POD", "{name: engine, command: [vllm, serve, meta-llama/Llama-3.1-8B]}", StringComparison.Ordinal));
        Assert.Contains("Container engine starts VLLM.", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Status);
    }

    [Theory]
    [InlineData("kind: Deployment\nspec: {template: {spec: {containers: [{name: a, command: vllm serve}]}}}", "command")]
    [InlineData("kind: ConfigMap\ndata: {}", "a pod, or what makes pods (Deployment, Job, PyTorchJob and others), a TrainingJob")]
    public async Task A_file_that_cannot_be_read_so_is_named(string yaml, string said)
    {
        var run = await Explain(yaml);
        Assert.Equal(1, run.Status);
        Assert.Contains("pod.yaml: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("huggingface-cli download meta-llama/Llama-3.1-8B --local-dir /m && vllm serve /m")]
    [InlineData("hf download --quiet meta-llama/Llama-3.1-8B --revision main --local-dir=/m/\npython3 -m vllm.entrypoints.openai.api_server --model=/m")]
    public async Task A_folder_into_which_the_script_downloads_is_known_by_its_id(string script)
    {
        var run = await Explain(Deployment($"[bash, -c, {JsonValue.Create(script).ToJsonString()}]"));
        Assert.Contains("8,030,261,248 parameters", run.Output, StringComparison.Ordinal);
        Assert.Contains("is meta-llama/Llama-3.1-8B, which the script downloads there.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_LeaderWorkerSet_tells_its_pods_how_many_they_are()
    {
        var run = await Explain("kind: LeaderWorkerSet\nspec: {leaderWorkerTemplate: {size: 2, workerTemplate: {spec: {containers: [{name: engine, command: [sh, -c, 'vllm serve meta-llama/Llama-3.1-8B --pipeline-parallel-size $LWS_GROUP_SIZE']}]}}}}");
        Assert.Contains("pipeline 2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_entrypoint_of_a_RayJob_is_read_with_the_GPUs_of_its_workers()
    {
        var run = await Explain(RayJob("python3 -m verl.trainer.main_ppo actor_rollout_ref.model.path=meta-llama/Llama-3.1-8B algorithm.adv_estimator=grpo trainer.nnodes=2 trainer.n_gpus_per_node=8 actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=1"));
        Assert.Contains("starts verl", run.Output, StringComparison.Ordinal);
        Assert.Contains("16 GPUs", run.Output, StringComparison.Ordinal);

        Assert.Contains("how many processes Ray starts", (await Explain(RayJob("python train.py --model_name_or_path meta-llama/Llama-3.1-8B --learning_rate 1e-4 --per_device_train_batch_size 1 --bf16 --max_length 2048"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_in_the_container_is_asked_about_and_a_flag_answers()
    {
        var yaml = Deployment("[vllm, serve, /models/llama]");
        var silent = await Explain(yaml);
        Assert.Equal(1, silent.Status);
        Assert.EndsWith("Give --model ID or --config FILE", silent.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("8,030,261,248 parameters", (await Explain(yaml, "--model", "meta-llama/Llama-3.1-8B")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[sleep, infinity]", new string[0], "no container starts an engine")]
    [InlineData("[vllm, serve, meta-llama/Llama-3.1-8B]", new[] { "--sequence-length", "3" }, "--sequence-length is of a TrainingJob")]
    [InlineData("[vllm, serve, nobody/has-this]", new string[0], "nobody/has-this")]
    public async Task What_cannot_be_answered_is_one_error_that_says_why(string command, string[] flags, string said)
    {
        var run = await Explain(Deployment(command), flags);
        Assert.Equal(1, run.Status);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private static async Task<Run> Explain(string yaml, params string[] flags)
    {
        using var folder = new Folder();
        return await Run.Of(["explain", "-f", folder.Write("pod.yaml", yaml), .. flags]);
    }

    private static string Deployment(string command) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: engine}
        spec:
          template:
            spec:
              containers:
              - name: engine
                image: vllm/vllm-openai:v0.19.0
                command: {{{command}}}
                resources: {limits: {nvidia.com/gpu: 1}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: engine}
        spec: {ports: [{port: 80}]}
        """;

    private static string RayJob(string entrypoint) => """
        apiVersion: ray.io/v1
        kind: RayJob
        metadata: {name: job}
        spec:
          entrypoint: ENTRYPOINT
          rayClusterSpec:
            headGroupSpec: {template: {spec: {containers: [{name: head, image: x}]}}}
            workerGroupSpecs: [{groupName: gpus, replicas: 2, template: {spec: {containers: [{name: worker, image: x, resources: {limits: {nvidia.com/gpu: 8}}}]}}}]
        """.Replace("ENTRYPOINT", entrypoint, StringComparison.Ordinal);
}
