namespace GpuMem.Cli.Tests;

/// <summary><c>gpumem explain -f</c> of what people already have: a pod, a Job or a PyTorchJob that starts a training, with its ConfigMaps.</summary>
public sealed class ExplainTrainingPodTests
{
    private const string DeepSpeed = """
        {
          "train_micro_batch_size_per_gpu": "auto",
          "bf16": {"enabled": "auto"},
          "zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu"}, "reduce_bucket_size": 5e8}
        }
        """;

    private const string Command =
        "[bash, -c, 'cd /job && torchrun --nproc_per_node=8 run_clm.py --model_name_or_path meta-llama/Llama-3.1-8B --block_size 4096 --per_device_train_batch_size 1 --bf16 --gradient_checkpointing --deepspeed cfg/ds.json --output_dir /out']";

    [Fact]
    public async Task A_job_is_answered_with_what_was_understood_and_with_its_estimate()
    {
        var run = await Explain(Job(Command, DeepSpeed, completions: 2), "--gpu", "h100-80gb");
        Assert.Equal(0, run.Status);
        Assert.Contains("Container train starts the Trainer of transformers (run_clm.py by torchrun).", run.Output, StringComparison.Ordinal);
        Assert.Contains("ds.json: zero_optimization.offload_optimizer.device: cpu", run.Output, StringComparison.Ordinal);
        Assert.Contains("Without effect on the GPU's memory: --output_dir /out.", run.Output, StringComparison.Ordinal);
        Assert.Contains("16 GPUs (tensor 1 × pipeline 1 × context 1 × data 16), 1 × 4,096 tokens each", run.Output, StringComparison.Ordinal);
        Assert.Contains("Full, BF16Mixed, AdamW, DeepSpeed, sharding Gradients, recompute Full", run.Output, StringComparison.Ordinal);
        Assert.Contains("Fits NVIDIA H100", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Not understood", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_estimate_is_that_of_the_TrainingJob_it_amounts_to()
    {
        using var folder = new Folder();
        var pod = folder.Write("pod.yaml", Job(Command, DeepSpeed, completions: 1));
        var job = await Run.Of("explain", "-f", pod, "-o", "yaml");
        Assert.StartsWith("---\napiVersion: gpumem.io/v1alpha1\nkind: TrainingJob\n", job.Output, StringComparison.Ordinal);
        var explained = await Run.Of("explain", "-f", folder.Write("job.yaml", job.Output));
        var read = await Run.Of("explain", "-f", pod);
        Assert.Equal(0, explained.Status);
        Assert.Contains(explained.Output, read.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--of_tomorrow 80", "--of_tomorrow 80")]
    [InlineData("--deepspeed other.json", "--deepspeed other.json (/job/other.json is in no ConfigMap of this file: put the ConfigMap that is mounted there into the same file")]
    public async Task Beside_words_that_are_not_understood_nothing_is_denied_for_sure(string flags, string said)
    {
        var run = await Explain(Job(Command.Replace("--output_dir /out", flags, StringComparison.Ordinal), DeepSpeed, completions: 1), "--gpu", "l4-24gb");
        Assert.Contains($"Not understood, and left out of the estimate: {said}", run.Output, StringComparison.Ordinal);
        Assert.Contains("May not fit NVIDIA L4", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Impossible", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Fix:", run.Output, StringComparison.Ordinal);
        Assert.Contains("nothing of it is certain. Confidence: Low.", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public async Task What_does_not_fit_for_sure_ends_with_the_status_of_estimate() =>
        Assert.Equal(2, (await Explain(Job(Command.Replace(" --deepspeed cfg/ds.json", "", StringComparison.Ordinal), DeepSpeed, completions: 1), "--gpu", "l4-24gb")).Status);

    [Fact]
    public async Task A_manifest_keeps_what_was_not_understood_as_a_comment()
    {
        var run = await Explain(Job(Command.Replace("cfg/ds.json", "other.json", StringComparison.Ordinal), DeepSpeed, completions: 1), "-o", "yaml");
        Assert.StartsWith("# Not understood, and left out: --deepspeed other.json (/job/other.json is in no ConfigMap", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_file_says_wrongly_is_told_with_its_path_and_line()
    {
        var run = await Explain(Job(Command, "{\n  \"bf16\": {\"enabled\": true\n", completions: 1), "--gpu", "h100-80gb");
        Assert.Contains("--deepspeed cfg/ds.json (/job/cfg/ds.json: line ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_script_keeps_to_itself_is_asked_for_and_flags_answer()
    {
        var yaml = Job("[torchrun, --nproc_per_node=8, train.py]", DeepSpeed, completions: 1);
        var silent = await Explain(yaml);
        Assert.Equal(1, silent.Status);
        Assert.Contains("train.py, which says in no flag what it trains", silent.Output, StringComparison.Ordinal);
        Assert.Contains("--model ID or --config FILE says which it is", silent.Output, StringComparison.Ordinal);
        Assert.Contains("--sequence-length TOKENS says it", silent.Output, StringComparison.Ordinal);
        Assert.Contains("8 GPUs (tensor 1", (await Explain(yaml, "-m", "meta-llama/Llama-3.1-8B", "-s", "4096")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_with_fewer_GPUs_than_processes_is_told_so()
    {
        var run = await Explain(Job(Command, DeepSpeed, completions: 1).Replace("nvidia.com/gpu: 8", "nvidia.com/gpu: 1", StringComparison.Ordinal));
        Assert.Contains("The pod asks for 1 of nvidia.com/gpu, and a launcher of 8 processes takes 8: set nvidia.com/gpu to 8", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_that_serve_and_pods_that_train_may_stand_in_one_file()
    {
        var run = await Explain(Job(Command, DeepSpeed, completions: 1) + "\n---\nkind: Pod\nspec: {containers: [{name: engine, command: [vllm, serve, meta-llama/Llama-3.1-8B]}]}");
        Assert.Contains("Container train starts", run.Output, StringComparison.Ordinal);
        Assert.Contains("Container engine starts VLLM.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TrainJob_is_read_where_it_holds_what_its_pods_run()
    {
        var run = await Explain("kind: TrainJob\nspec: {trainer: {numNodes: 2, command: [torchrun, run.py], args: [--model_name_or_path, Qwen/Qwen3-8B, --max_length, '4096', --per_device_train_batch_size, '1', --bf16], resourcesPerNode: {limits: {nvidia.com/gpu: 8}}}}");
        Assert.Contains("Container node starts the Trainer of transformers (run.py by torchrun).", run.Output, StringComparison.Ordinal);
        Assert.Contains("16 GPUs (tensor 1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_replicas_of_a_PyTorchJob_are_told_how_many_they_are_and_are_answered_once()
    {
        const string pod = "{replicas: 1, template: {spec: {containers: [{name: pytorch, command: [bash, -c, 'export NNODES=$PET_NNODES; llamafactory-cli train --stage sft --finetuning_type full --model_name_or_path Qwen/Qwen3-8B --cutoff_len 4096 --bf16'], resources: {limits: {nvidia.com/gpu: 8}}}]}}}";
        var run = await Explain($"kind: PyTorchJob\nspec: {{pytorchReplicaSpecs: {{Master: {pod}, Worker: {pod}}}}}");
        Assert.Contains("NNODES=2", run.Output, StringComparison.Ordinal);
        Assert.Contains("16 GPUs (tensor 1", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split("Container pytorch starts").Length);
    }

    [Fact]
    public async Task The_name_of_a_file_that_comes_with_torchtune_is_said_to_be_one()
    {
        var run = await Explain("kind: Pod\nspec: {containers: [{name: train, command: [tune, run, --nproc_per_node, '8', lora_finetune_distributed, --config, llama3_1/70B_lora]}]}");
        Assert.Contains("llama3_1/70B_lora is a configuration that comes with torchtune, which is not read here: write it to a file with tune cp", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_init_container_downloads_and_what_the_script_writes_make_a_job()
    {
        var run = await Explain("""
            kind: Job
            spec:
              template:
                spec:
                  initContainers:
                  - name: fetch
                    command: [hf, download, Qwen/Qwen3-8B, --local-dir, /models/qwen]
                    volumeMounts: [{name: models, mountPath: /models}]
                  containers:
                  - name: train
                    command:
                    - bash
                    - -c
                    - |
                      cat > /tmp/config.yaml <<EOF
                      base_model: /data/qwen
                      sequence_len: 4096
                      micro_batch_size: 1
                      deepspeed: deepspeed_configs/zero3.json
                      EOF
                      axolotl train /tmp/config.yaml 2>&1 | tee /tmp/log
                    resources: {limits: {nvidia.com/gpu: 8}}
                    volumeMounts: [{name: models, mountPath: /data}]
                  volumes: [{name: models, emptyDir: {}}]
            """);
        Assert.Contains("Container train starts Axolotl (axolotl train by accelerate).", run.Output, StringComparison.Ordinal);
        Assert.Contains("Assumed: /data/qwen is Qwen/Qwen3-8B, which init container fetch downloads there.", run.Output, StringComparison.Ordinal);
        Assert.Contains("8,190,735,360 parameters", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Not understood", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo actor_rollout_ref.model.path=Qwen/Qwen3-8B actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=4 actor_rollout_ref.rollout.n=8", "verl (verl.trainer.main_ppo)")]
    [InlineData("NPROC_PER_NODE=8 swift sft --model Qwen/Qwen3-8B --train_type full --max_length 4096 --deepspeed zero3", "ms-swift sft (swift sft)")]
    [InlineData("torchrun --nproc_per_node 8 -m torchtitan.train --model.name qwen3 --model.flavor 8B --training.local_batch_size 1", "torchtitan (torchtitan.train by torchrun)")]
    [InlineData("llamafactory-cli train --stage sft --finetuning_type full --model_name_or_path Qwen/Qwen3-8B --bf16 --deepspeed examples/deepspeed/ds_z3_config.json", "LLaMA-Factory (llamafactory-cli train)")]
    public async Task What_a_program_is_told_amounts_to_a_job_that_can_be(string command, string program)
    {
        var run = await Explain($"kind: Pod\nspec: {{containers: [{{name: train, command: [bash, -c, '{command}'], resources: {{limits: {{nvidia.com/gpu: 8}}}}}}]}}", "--gpu", "h200-141gb");
        Assert.Contains($"Container train starts {program}.", run.Output, StringComparison.Ordinal);
        Assert.Contains("8 GPUs (tensor 1", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Not understood", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public async Task A_server_is_no_TrainingJob()
    {
        var run = await Explain("kind: Pod\nspec: {containers: [{name: engine, command: [vllm, serve, meta-llama/Llama-3.1-8B]}]}", "-o", "yaml");
        Assert.Equal(1, run.Status);
        Assert.Contains("container engine starts a server", run.Error, StringComparison.Ordinal);
    }

    private static async Task<Run> Explain(string yaml, params string[] flags)
    {
        using var folder = new Folder();
        return await Run.Of(["explain", "-f", folder.Write("pod.yaml", yaml), .. flags]);
    }

    private static string Job(string command, string file, int completions) => $$$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: train}
        spec:
          completions: {{{completions}}}
          parallelism: {{{completions}}}
          template:
            spec:
              containers:
              - name: train
                command: {{{command}}}
                resources: {limits: {nvidia.com/gpu: 8}}
                volumeMounts: [{name: files, mountPath: /job/cfg/ds.json, subPath: deepspeed.json}]
              volumes: [{name: files, configMap: {name: files, items: [{key: zero2, path: deepspeed.json}]}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: files}
        data:
          zero2: |
            {{{file.ReplaceLineEndings("\n    ")}}}
        """;
}
