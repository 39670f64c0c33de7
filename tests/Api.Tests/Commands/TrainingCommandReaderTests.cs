using FsCheck.Xunit;
using GpuMem.Api.Commands.Training;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What launchers and trainers are told, in the forms in which pods give it.</summary>
public sealed class TrainingCommandReaderTests
{
    private const string Trained = "--model_name_or_path meta-llama/Llama-3.1-8B --per_device_train_batch_size 2 --bf16 --block_size 4096";

    private const string Megatron =
        "pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 8192 --max-position-embeddings 8192 --micro-batch-size 1 --vocab-size 128000 --bf16";

    [Theory]
    [InlineData("torchrun --nproc_per_node=8 --nnodes=2 run_clm.py", 16)]
    [InlineData("torchrun --nproc-per-node auto --nnodes 1:4 -m my.run", 8)]
    [InlineData("python3 -m torch.distributed.run --standalone --nproc_per_node gpu run_clm.py", 8)]
    [InlineData("python -m torch.distributed.launch --nproc_per_node=4 --use_env run_clm.py", 4)]
    [InlineData("accelerate launch --num_processes 16 --num_machines 2 --mixed_precision bf16 run_clm.py", 16)]
    [InlineData("accelerate launch run_clm.py", 8)]
    [InlineData("deepspeed --num_nodes 2 --num_gpus 8 run_clm.py", 16)]
    [InlineData("deepspeed --include localhost:0,1 run_clm.py", 2)]
    [InlineData("mpirun -np 4 -x NCCL_DEBUG=INFO python run_clm.py", 4)]
    [InlineData("timeout 7200 torchrun --nproc-per-node 4 run_clm.py", 4)]
    [InlineData("if ! torchrun --nproc-per-node 4 run_clm.py", 4)]
    [InlineData("srun --mpi=pmix uv run torchrun --nproc_per_node 8 run_clm.py", 8)]
    [InlineData("hyperpodrun --tee=3 --nproc_per_node=8 --nnodes=4 --rdzv-backend hyperpod --pre-train-script pre.sh run_clm.py", 32)]
    [InlineData("python -u run_clm.py", 1)]
    [InlineData("env WORLD_SIZE=4 python run_clm.py", 4)]
    [InlineData("env PET_NPROC_PER_NODE=4 PET_NNODES=2 torchrun run_clm.py", 8)]
    public void The_launcher_says_how_many_GPUs_there_are(string launcher, int gpus)
    {
        var read = Of($"{launcher} {Trained}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal($"{gpus}", read.Job.Parallelism!.Data!.Value);
        Assert.Equal(("meta-llama/Llama-3.1-8B", 4096, 2, Trainer.HuggingFace), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Trainer));
    }

    [Theory]
    [InlineData("A=(--nproc_per_node 4 # of eight\n  --nnodes $N)\nB=(\n  FLAGS\n)\ntorchrun ${A[@]} run_clm.py \"${B[@]}\"")]
    [InlineData("A='--nproc_per_node 4 --nnodes 2'\nB=\"FLAGS\"\ntorchrun $A run_clm.py $NONE $B")]
    [InlineData("A=(); A+=(--nproc_per_node 4); A+=(--nnodes $N)\ntorchrun \"${A[@]}\" run_clm.py FLAGS")]
    [InlineData("RUN='torchrun --nproc_per_node 4 --nnodes 2 run_clm.py FLAGS'\neval $RUN")]
    [InlineData("cat > x.json <<-'EOF'\n  don't\n  python a.py --learning_rate 1\n  EOF\ntorchrun --nproc_per_node 4 --nnodes 2 run_clm.py FLAGS")]
    public void Arrays_unquoted_variables_and_here_documents_are_what_bash_makes_of_them(string script)
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", script.Replace("FLAGS", Trained, StringComparison.Ordinal)], environment: new() { ["N"] = "2", ["NONE"] = "" }), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("8", 2, 4096), (read.Job.Parallelism!.Data!.Value, read.Job.Training!.MicroBatchSize, read.Job.Training.SequenceLength));
    }

    [Fact]
    public void The_output_of_a_command_in_a_variable_stays_one_word() =>
        Assert.Equal(["--nproc_per_node $(cat /hosts | wc -l)"], Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", $"N=$(cat /hosts | wc -l)\ntorchrun --nproc_per_node $N run_clm.py {Trained}"]), 1, [])).NotUnderstood);

    [Theory]
    [InlineData("torchrun --nproc_per_node=$(nvidia-smi -L | wc -l) run_clm.py FLAGS")]
    [InlineData("N=$(nvidia-smi --query-gpu=name --format=csv,noheader | wc -l); torchrun --nproc_per_node $N run_clm.py FLAGS")]
    [InlineData("accelerate launch --num_processes $(python -c 'import torch; print(torch.cuda.device_count())') run_clm.py FLAGS")]
    public void A_command_that_counts_the_GPUs_of_a_node_counts_those_of_the_pod(string script)
    {
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", script.Replace("FLAGS", Trained, StringComparison.Ordinal)]), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal("8", read.Job.Parallelism!.Data!.Value);
    }

    [Fact]
    public void Where_only_running_would_tell_how_many_processes_there_are_those_are_the_GPUs_of_the_pod_and_that_is_said()
    {
        var read = Of($"torchrun --nproc_per_node=$UNKNOWN run_clm.py {Trained}");
        Assert.Equal(["--nproc_per_node=$UNKNOWN"], read.NotUnderstood);
        Assert.Equal("8", read.Job.Parallelism!.Data!.Value);
    }

    [Theory]
    [InlineData("$((NODES * 8))", "16")]
    [InlineData("$(( $NODES*${EACH:-4} ))", "8")]
    [InlineData("$(((NODES + 1) * 12 / 9 - 17 % 5))", "2")]
    [InlineData("\"$((2 * NODES))\"", "4")]
    public void Arithmetic_of_known_numbers_is_done(string expression, string processes)
    {
        var script = $"NODES=2\naccelerate launch --num_processes {expression} --num_machines $NODES run_clm.py {Trained}";
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", script]), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(processes, read.Job.Parallelism!.Data!.Value);
    }

    [Theory]
    [InlineData("$((UNKNOWN * 8))")]
    [InlineData("$((8 / 0))")]
    [InlineData("$((9223372036854775807 + 1))")]
    [InlineData("$((010))")]
    [InlineData("$((1 << 3))")]
    public void Arithmetic_whose_value_is_not_known_stays_as_it_is_written(string expression) =>
        Assert.Equal([$"--num_processes {expression}"], Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", $"accelerate launch --num_processes {expression} run_clm.py {Trained}"]), 1, [])).NotUnderstood);

    [Theory]
    [InlineData("python -m sglang.launch_server --model-path Qwen/Qwen3-8B --log-level info --output_dir /out")]
    [InlineData("python3 serve.py --seed 0 --log_level info --output_dir /out")]
    [InlineData("python app.py config.yaml")]
    [InlineData("python generate.py --model Qwen/Qwen3-8B --bf16 --max_steps 3")]
    public void What_servers_and_tools_are_told_makes_no_training(string command) =>
        Assert.Empty(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, []));

    [Fact]
    public void Where_the_launcher_is_told_of_no_nodes_the_pods_of_the_workload_are_counted_and_that_is_said()
    {
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod($"torchrun --nproc_per_node 8 run_clm.py {Trained}".Split(' ')), pods: 4, []));
        Assert.Equal("32", read.Job.Parallelism!.Data!.Value);
        Assert.Contains(read.Assumed, said => said.Contains("the 4 pods train together", StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_is_read_with_its_variables_directories_and_prefixes()
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", $"set -e\nexport N=4 SIZE=${{SIZE:-2}}\ncd {TrainingPods.Directory} && pip install x\nNCCL_DEBUG=INFO torchrun --nproc_per_node $N run_clm.py --gradient_accumulation_steps $SIZE --deepspeed ds.json {Trained} | tee log"]),
            1,
            [TrainingPods.Files("ds.json", """{"zero_optimization": {"stage": 2}}""")]));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("4", Sharding.Gradients, 16L), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, read.Job.Training!.GlobalBatchSize));
    }

    [Fact]
    public void Flags_of_the_Trainer_are_those_of_a_manifest()
    {
        var training = Of($"torchrun --nproc_per_node 8 run.py {Trained} --gradient_checkpointing --optim adamw_bnb_8bit --attn_implementation flash_attention_2 --fsdp 'full_shard auto_wrap offload' --torch_dtype bfloat16").Job.Training!;
        Assert.Equal((Recompute.Full, Optimizer.AdamW8bit, AttentionKernel.Flash), (training.Recompute, training.Optimizer, training.Attention));
        Assert.Equal(OffloadTarget.Host, training.Offload?.Parameters);
    }

    [Theory]
    [InlineData("--fsdp full_shard", Sharding.Full, 1)]
    [InlineData("--fsdp shard_grad_op", Sharding.Gradients, 1)]
    [InlineData("--fsdp full_shard --fsdp_config {\"version\":2,\"reshard_after_forward\":true}", Sharding.Full, 2)]
    [InlineData("--fsdp full_shard --fsdp_config {\"fsdp_version\":2}", Sharding.Gradients, 2)]
    public void Version_2_of_FSDP_keeps_weights_gathered_unless_the_Trainer_is_told_otherwise(string flags, Sharding sharding, int version)
    {
        var layout = Of($"torchrun --nproc_per_node 8 run.py {Trained} {flags}").Job.Parallelism!;
        Assert.Equal((sharding, version), (layout.Sharding, layout.FsdpVersion));
    }

    [Fact]
    public void A_batch_that_nobody_names_is_the_trainers_and_is_said()
    {
        var read = Of("torchrun --nproc_per_node 8 run.py --model_name_or_path Qwen/Qwen3-8B --max_length 512 --bf16");
        Assert.Equal(8, read.Job.Training!.MicroBatchSize);
        Assert.Contains("per_device_train_batch_size is not given, and is 8 then.", read.Assumed);
    }

    [Theory]
    [InlineData("""{"zero_optimization": {"stage": 3, "offload_param": {"device": "cpu"}, "offload_optimizer": {"device": "nvme", "nvme_path": "/x"}}, "bf16": {"enabled": true}}""", Sharding.Full, OffloadTarget.Host, OffloadTarget.NVMe)]
    [InlineData("""{"zero_optimization": {"stage": 1}, "bf16": {"enabled": "auto"}, "optimizer": {"type": "AdamW", "params": {"lr": 1e-5}}}""", Sharding.Optimizer, null, null)]
    public void A_DeepSpeed_file_says_what_is_divided_and_where_it_goes(string json, Sharding stage, OffloadTarget? parameters, OffloadTarget? optimizer)
    {
        var read = Of($"deepspeed run.py {Trained} --deepspeed {TrainingPods.Directory}/ds.json", json);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((TrainingFramework.DeepSpeed, stage, Precision.BF16Mixed), (read.Job.Training!.Framework, read.Job.Parallelism!.Sharding, read.Job.Training.Precision));
        Assert.Equal((parameters, optimizer), (read.Job.Training.Offload?.Parameters, read.Job.Training.Offload?.Optimizer));
    }

    [Theory]
    [InlineData("""{"train_micro_batch_size_per_gpu": 4}""", "train_micro_batch_size_per_gpu: 4 of the DeepSpeed configuration, where the trainer has 2: it refuses to start; write auto there")]
    [InlineData("""{"zero_optimization": {"stage": 3, "zero_hpz_partition_size": 8}}""", "ds.json: zero_optimization.zero_hpz_partition_size: 8")]
    [InlineData("""{"zero_optimization": {"stage": 4}}""", "ds.json: zero_optimization.stage: 4")]
    [InlineData("""{"zero_optimization": {"stage": 3, "of_tomorrow": 1}}""", "ds.json: zero_optimization.of_tomorrow: 1")]
    [InlineData("""{"zero_optimization": {"stage": 3}""", "--deepspeed /etc/train/ds.json (/etc/train/ds.json: line ")]
    [InlineData("[1]", "--deepspeed /etc/train/ds.json (/etc/train/ds.json: it must hold one mapping of keys to values)")]
    public void What_is_wrong_in_a_DeepSpeed_file_is_said_with_its_place(string json, string said) =>
        Assert.StartsWith(said, Assert.Single(Of($"deepspeed run.py {Trained} --deepspeed {TrainingPods.Directory}/ds.json", json).NotUnderstood), StringComparison.Ordinal);

    [Theory]
    [InlineData("/models/ds.json", "/models/ds.json is in no ConfigMap of this file")]
    [InlineData("/etc/train/other.json", "/etc/train/other.json: ConfigMap files has no such key; it has ds.json")]
    [InlineData("ds.json", "ds.json is in a directory that only the image knows")]
    public void A_file_that_is_not_there_is_said_with_what_to_do(string path, string said) =>
        Assert.Contains(said, Assert.Single(Of($"deepspeed run.py {Trained} --deepspeed {path}", "{}").NotUnderstood), StringComparison.Ordinal);

    [Fact]
    public void The_configuration_of_accelerate_says_how_it_divides_and_its_flags_go_over_it()
    {
        const string Yaml = """
            compute_environment: LOCAL_MACHINE
            distributed_type: FSDP
            fsdp_config:
              fsdp_version: 1
              fsdp_sharding_strategy: HYBRID_SHARD
              fsdp_offload_params: false
              fsdp_activation_checkpointing: true
            mixed_precision: bf16
            num_machines: 2
            num_processes: 8
            """;
        var read = Of($"accelerate launch --num_processes 16 --config_file {TrainingPods.Directory}/ds.json run.py {Trained}", Yaml);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("16", Sharding.Full, 8, 1), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, read.Job.Parallelism.ShardGroup, read.Job.Parallelism.FsdpVersion));
        Assert.Equal((Precision.BF16Mixed, Recompute.Full), (read.Job.Training!.Precision, read.Job.Training.Recompute));
    }

    [Fact]
    public void Fsdp_that_is_configured_and_not_chosen_divides_nothing()
    {
        var read = Of($"accelerate launch --config_file {TrainingPods.Directory}/ds.json run.py {Trained}", "{distributed_type: MULTI_GPU, num_processes: 8, fsdp_config: {fsdp_version: 2}, mixed_precision: 'no'}");
        Assert.Empty(read.NotUnderstood);
        Assert.Null(read.Job.Parallelism!.Sharding);
    }

    [Fact]
    public void Accelerate_without_a_number_of_processes_does_not_start() =>
        Assert.Contains("num_processes", Assert.Single(Of($"accelerate launch --config_file {TrainingPods.Directory}/ds.json run.py {Trained}", "{distributed_type: FSDP}").NotUnderstood), StringComparison.Ordinal);

    [Theory]
    [InlineData("llamafactory-cli train /etc/train/ds.json")]
    [InlineData("torchrun --nnodes 2 --nproc_per_node 8 src/train.py /etc/train/ds.json")]
    public void LlamaFactory_is_known_by_its_command_and_by_its_file(string command)
    {
        var read = Of(command, "{model_name_or_path: Qwen/Qwen3-8B, stage: sft, finetuning_type: lora, lora_target: all, template: qwen3, bf16: true, per_device_train_batch_size: 1, deepspeed: examples/deepspeed/ds_z3_config.json}", new() { ["NNODES"] = "2", ["FORCE_TORCHRUN"] = "1" });
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Trainer.LLaMAFactory, TrainingMethod.LoRA, 8, 2048), (read.Job.Training!.Trainer, read.Job.Training.Method, read.Job.Training.Lora?.Rank, read.Job.Training.SequenceLength));
        Assert.Equal(("16", Sharding.Full), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding));
    }

    [Fact]
    public void LlamaFactory_needs_no_file()
    {
        var read = Of(
            "llamafactory-cli train --stage sft --do_train True --model_name_or_path Qwen/Qwen3-8B --finetuning_type lora --template qwen3 --dataset_dir data --dataset identity --cutoff_len 4096 --flash_attn fa2 "
            + "--lora_rank 16 --lora_alpha 32 --lora_dropout 0 --lora_target q_proj,v_proj --quantization_bit 4 --per_device_train_batch_size 2 --gradient_accumulation_steps 8 --bf16 True --plot_loss True "
            + "--deepspeed examples/deepspeed/ds_z2_config.json --output_dir /out --report_to none --trust_remote_code True");
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal((Trainer.LLaMAFactory, "Qwen/Qwen3-8B", 4096, 2, 128), (training.Trainer, read.Job.Model?.Name, training.SequenceLength, training.MicroBatchSize, training.GlobalBatchSize));
        Assert.Equal((TrainingMethod.QLoRA, 16, (bool?)false, AttentionKernel.Flash), (training.Method, training.Lora?.Rank, training.Lora?.Dropout, training.Attention));
        Assert.Equal(["q_proj", "v_proj"], training.Lora!.TargetModules);
        Assert.Equal((Sharding.Gradients, "8"), (read.Job.Parallelism!.Sharding, read.Job.Parallelism.Data!.Value));
    }

    [Theory]
    [InlineData("> log 2>&1")]
    [InlineData("2>&1 | tee -a log")]
    [InlineData("&> log")]
    [InlineData("2> >(tee log) < /dev/null")]
    public void Where_output_goes_is_no_word_of_the_command(string redirections) => Assert.Empty(Assert.Single(TrainingCommandReader.Read(
        TrainingPods.Pod(["bash", "-c", $"torchrun --nproc_per_node 8 run.py {Trained} --gradient_checkpointing {redirections}"]), 1, [])).NotUnderstood);

    [Theory]
    [InlineData("llamafactory-cli train /etc/train/ds.json pure_bf16=true", Precision.BF16)]
    [InlineData("llamafactory-cli train /etc/train/ds.json bf16=true", Precision.BF16Mixed)]
    [InlineData("llamafactory-cli train /etc/train/ds.json", Precision.FP32)]
    public void What_LlamaFactory_trains_is_fp32_unless_it_is_told_to_stay_pure(string command, Precision precision) =>
        Assert.Equal(precision, Of(command, "{model_name_or_path: Qwen/Qwen3-8B, finetuning_type: full, template: qwen3}").Job.Training!.Precision);

    [Fact]
    public void Megatrons_arguments_are_a_model_and_a_layout()
    {
        var read = Of(
            $"torchrun --nproc_per_node 8 --nnodes 4 {Megatron} --ffn-hidden-size 14336 --group-query-attention --num-query-groups 8 --swiglu --normalization RMSNorm --position-embedding-type rope "
            + "--untie-embeddings-and-output-weights --disable-bias-linear --hidden-dropout 0.0 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 4 "
            + "--sequence-parallel --use-distributed-optimizer --global-batch-size 64 --recompute-granularity selective --recompute-modules layernorm moe_act --cross-entropy-loss-fusion --cross-entropy-fusion-impl te --grad-reduce-in-bf16 --split 99,1,0");
        Assert.Empty(read.NotUnderstood);
        var (model, layout, training) = (read.Job.Model!.Architecture!, read.Job.Parallelism!, read.Job.Training!);
        Assert.Equal((32, 4096, 14336, 8, 128_000), (model.Layers, model.HiddenSize, model.FeedForwardSize, model.KeyValueHeads, model.VocabularySize));
        Assert.Equal((true, false, false, null, false), (model.GatedFeedForward, model.TiedEmbeddings, model.Bias, model.LearnedPositions, read.Job.Model.HiddenDropout));
        Assert.Equal((4, 2, "4", Sharding.Optimizer, 4, PipelineSchedule.Interleaved), (layout.Tensor, layout.Pipeline, layout.Data!.Value, layout.Sharding, layout.VirtualStages, layout.Schedule));
        Assert.Equal((Recompute.Selective, LossKernel.InPlace, DataType.BF16, 64), (training.Recompute, training.Loss, training.DataTypes?.Gradients, training.GlobalBatchSize));
    }

    [Fact]
    public void What_Megatron_is_not_told_is_as_GPT_2_was()
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron}");
        var model = read.Job.Model!.Architecture!;
        Assert.Equal((16384, false, true, true, 8192), (model.FeedForwardSize, model.GatedFeedForward, model.TiedEmbeddings, model.Bias, model.LearnedPositions));
        Assert.Equal((null, true), (model.KeyValueHeads, read.Job.Model.HiddenDropout));
    }

    [Fact]
    public void Megatrons_experts_are_gathered_unless_it_is_told_otherwise()
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --num-experts 64 --moe-router-topk 6 --moe-ffn-hidden-size 1408 --moe-shared-expert-intermediate-size 2816 --moe-layer-freq ([0]*1+[1]*31) --expert-model-parallel-size 8");
        Assert.Empty(read.NotUnderstood);
        var experts = read.Job.Model!.Architecture!.Experts!;
        Assert.Equal((64, 6, 1408, 2816, 1), (experts.Count, experts.ActivePerToken, experts.Size, experts.SharedSize, experts.DenseLayers));
        Assert.Equal((8, ExpertDispatch.AllGather), (read.Job.Parallelism!.Expert, read.Job.Parallelism.ExpertDispatch));
    }

    [Fact]
    public void Trl_is_read_from_flags_and_file_and_brings_its_own_defaults()
    {
        var read = Of($"trl sft --config {TrainingPods.Directory}/ds.json --accelerate_config zero3 --num_processes 4 --use_peft --lora_target_modules q_proj v_proj", "{model_name_or_path: Qwen/Qwen3-8B, dataset_name: x/y, per_device_train_batch_size: 2, lora_r: 32}");
        Assert.Empty(read.NotUnderstood);
        var training = read.Job.Training!;
        Assert.Equal((Trainer.TRL, TrainingMethod.LoRA, 32, 1024), (training.Trainer, training.Method, training.Lora?.Rank, training.SequenceLength));
        Assert.Equal(["q_proj", "v_proj"], training.Lora!.TargetModules);
        Assert.Equal(("4", Sharding.Full, TrainingFramework.DeepSpeed), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, training.Framework));
    }

    [Theory]
    [InlineData("trl sft --model_name_or_path Qwen/Qwen3-8B --use_peft", DataType.FP32)]
    [InlineData("trl sft --model_name_or_path Qwen/Qwen3-8B --use_peft --dtype bfloat16", null)]
    public void Trl_holds_frozen_weights_in_fp32_unless_it_is_told_otherwise(string command, DataType? weights) => Assert.Equal(weights, Of(command).Job.Training!.DataTypes?.Weights);

    [Fact]
    public void Trl_generates_completions_beside_the_training()
    {
        var training = Of("trl grpo --model_name_or_path Qwen/Qwen3-8B --use_vllm --vllm_gpu_memory_utilization 0.4 --max_completion_length 2048 --vllm_max_model_length 4096 --beta 0.04").Job.Training!;
        Assert.Equal((TrainingObjective.GRPO, 4096, true), (training.Objective, training.SequenceLength, training.ReferenceModel));
        Assert.Equal((RolloutEngine.Colocated, 40, 2048), (training.Rollout?.Engine, training.Rollout?.EngineMemoryPercent, training.Rollout?.CompletionLength));
    }

    [Fact]
    public void Torchtune_is_read_from_its_file_with_single_keys_over_it()
    {
        var read = Of(
            "tune run --nproc_per_node 2 full_finetune_distributed --config /etc/train/ds.json batch_size=4 tokenizer.max_seq_len=4096",
            "{model: {_component_: torchtune.models.llama3_1.llama3_1_8b}, optimizer: {_component_: torch.optim.AdamW, fused: true, lr: 2e-5}, batch_size: 2, dtype: bf16, enable_activation_checkpointing: true, compile: false}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("meta-llama/Llama-3.1-8B", 4096, 4, "2"), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal((Trainer.Torchtune, Precision.BF16, Recompute.Full), (read.Job.Training.Trainer, read.Job.Training.Precision, read.Job.Training.Recompute));
    }

    [Theory]
    [InlineData("--of-tomorrow 3", "--of-tomorrow 3")]
    [InlineData("--per_device_train_batch_size many", "--per_device_train_batch_size many")]
    [InlineData("--optim adam_of_tomorrow", "--optim adam_of_tomorrow")]
    [InlineData("--auto_find_batch_size", "--auto_find_batch_size")]
    [InlineData("--load_in_4bit", "quantised weights without adapters, which nothing can train")]
    public void What_is_not_understood_is_said(string flags, string said) => Assert.Equal([said], Of($"torchrun --nproc_per_node 8 run.py {Trained} {flags}").NotUnderstood);

    [Theory]
    [InlineData("sleep infinity")]
    [InlineData("python serve.py --port 80")]
    [InlineData("pip install accelerate torchrun")]
    [InlineData("torchrun --nproc_per_node 8")]
    [InlineData("accelerate config")]
    [InlineData("trl vllm-serve --model x")]
    [InlineData("sh -c")]
    public void Other_commands_start_no_training(string command) => Assert.Empty(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, []));

    [Property]
    public void No_words_stop_the_reader(FsCheck.NonNull<string>[] words, FsCheck.NonNull<string> file)
    {
        foreach (var start in new[] { "torchrun", "accelerate launch", "deepspeed", "axolotl train", "llamafactory-cli train", "trl grpo", "tune run", "swift rlhf", "python -m verl.trainer.main_ppo", "torchrun -m torchtitan.train", Megatron })
        {
            var command = start.Split(' ').Concat(words.Select(word => word.Get)).Append("/etc/train/ds.json").ToList();
            Assert.True(TrainingCommandReader.Read(TrainingPods.Pod(command), 1, [TrainingPods.Files("ds.json", file.Get)]).Count() <= 1);
        }
    }

    private static TrainingCommand Of(string command, string? file = null, Dictionary<string, string>? environment = null) => Assert.Single(
        TrainingCommandReader.Read(TrainingPods.Pod(Words(command), environment: environment), pods: 1, file is null ? [] : [TrainingPods.Files("ds.json", file)]));

    /// <summary>Blanks between single quotes hold a word together.</summary>
    private static List<string> Words(string command) => [.. command.Split('\'').SelectMany((part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
