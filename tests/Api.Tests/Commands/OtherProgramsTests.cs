using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>OpenRLHF, LitGPT, verl's supervised training, Llama's cookbook, and scripts of one's own.</summary>
public sealed class OtherProgramsTests
{
    [Theory]
    [InlineData("deepspeed --module openrlhf.cli.train_sft --max_len 4096 --dataset x --input_key q --train_batch_size 256 --micro_train_batch_size 2 --pretrain Qwen/Qwen3-8B --save_steps -1 --zero_stage 2 --bf16 --flash_attn --packing_samples --learning_rate 5e-6 --gradient_checkpointing")]
    [InlineData("torchrun --nproc_per_node 8 -m openrlhf.cli.train_sft --data.max_len 4096 --data.dataset x --train.batch_size 256 --train.micro_batch_size 2 --model.model_name_or_path Qwen/Qwen3-8B --ds.param_dtype bf16 --ds.attn_implementation flash_attention_2 --adam.lr 5e-6 --ds.packing_samples --model.gradient_checkpointing_enable")]
    public void OpenRLHF_is_read_by_the_names_of_both_its_command_lines(string command)
    {
        var read = Of(command);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 4096, 2, 256L, Trainer.OpenRLHF), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.GlobalBatchSize, read.Job.Training.Trainer));
        Assert.Equal((TrainingFramework.DeepSpeed, Sharding.Gradients, "8", Recompute.Full), (read.Job.Training.Framework, read.Job.Parallelism!.Sharding, read.Job.Parallelism.Data!.Value, read.Job.Training.Recompute!.Value));
    }

    [Fact]
    public void OpenRLHFs_preferences_and_adapters_are_said_as_it_says_them()
    {
        var read = Of("deepspeed --num_gpus 4 --module openrlhf.cli.train_dpo --pretrain Qwen/Qwen3-8B --zero_stage 3 --adam_offload --lora_rank 16 --load_in_4bit --beta 0.1");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((TrainingObjective.DPO, TrainingMethod.QLoRA, 16, OffloadTarget.Host), (read.Job.Training!.Objective, read.Job.Training.Method, read.Job.Training.Lora!.Rank, read.Job.Training.Offload!.Optimizer));
        Assert.Equal(["max_len is not given, and is 2048 then.", "micro_train_batch_size is not given, and is 8 then."], read.Assumed.Where(said => said.Contains("given", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_document_that_read_puts_into_a_variable_is_its_words()
    {
        const string Script = "read -r -d '' training_commands <<EOF\nopenrlhf.cli.train_sft \\\n  --pretrain Qwen/Qwen3-8B \\\n  --max_len 1024\nEOF\ndeepspeed --module $training_commands";
        Assert.Equal(("Qwen/Qwen3-8B", 1024), (OfScript(Script).Job.Model?.Name, OfScript(Script).Job.Training!.SequenceLength));
    }

    [Fact]
    public void LitGPT_is_read_from_flags_with_sections()
    {
        var read = Of("litgpt finetune_lora Qwen/Qwen3-8B --data Alpaca --data.val_split_fraction 0.1 --train.micro_batch_size 2 --train.max_seq_length 2048 --lora_r 16 --lora_mlp true --precision bf16-true --quantize bnb.nf4-dq");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((2048, 2, TrainingMethod.QLoRA, Precision.BF16, "1"), (read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Method, read.Job.Training.Precision, read.Job.Parallelism!.Data!.Value));
        Assert.Equal(["q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"], read.Job.Training.Lora!.TargetModules);
        Assert.Equal(QuantizationScheme.NF4DoubleQuantized, read.Job.Training.Quantization!.Scheme);
    }

    [Fact]
    public void LitGPT_is_read_from_its_file_and_divides_over_its_devices()
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["litgpt", "finetune_full", "--config", "/etc/train/c.yaml", "--devices", "8"]), 1,
            [TrainingPods.Files("c.yaml", "checkpoint_dir: checkpoints/Qwen/Qwen3-8B\nprecision: bf16-true\ntrain:\n  max_seq_length: 512\n  global_batch_size: 16\n")]));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 512, "8", Recompute.Full), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Parallelism!.Data!.Value, read.Job.Training.Recompute!.Value));
    }

    [Fact]
    public void Supervised_training_of_verl_is_read_by_the_keys_of_both_its_trainers()
    {
        var old = Of("torchrun --standalone --nproc_per_node=8 -m verl.trainer.fsdp_sft_trainer data.train_files=x data.max_length=2048 data.micro_batch_size_per_gpu=2 model.partial_pretrain=Qwen/Qwen3-8B model.lora_rank=32 trainer.total_epochs=4");
        Assert.Empty(old.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 2048, 2, TrainingMethod.LoRA, 2), (old.Job.Model?.Name, old.Job.Training!.SequenceLength, old.Job.Training.MicroBatchSize, old.Job.Training.Method, old.Job.Parallelism!.FsdpVersion));

        var engine = Of("torchrun --nproc_per_node=8 -m verl.trainer.sft_trainer model.path=Qwen/Qwen3-8B engine=fsdp engine.ulysses_sequence_parallel_size=2 data.max_token_len_per_gpu=4096");
        Assert.Empty(engine.NotUnderstood);
        Assert.Equal((8192, 1, 2, 1), (engine.Job.Training!.SequenceLength, engine.Job.Training.MicroBatchSize, engine.Job.Parallelism!.Context, engine.Job.Parallelism.FsdpVersion));
    }

    [Fact]
    public void Llamas_cookbook_is_known_by_its_own_flags()
    {
        var read = Of("torchrun --nnodes 1 --nproc_per_node 8 getting-started/finetuning/finetuning.py --enable_fsdp --use_peft --peft_method lora --model_name meta-llama/Llama-3.1-8B --batch_size_training 2 --use_fast_kernels --output_dir /out");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("meta-llama/Llama-3.1-8B", 4096, 2, TrainingMethod.LoRA, Recompute.Full), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Method, read.Job.Training.Recompute!.Value));
        Assert.Equal((Sharding.Full, 1, "8"), (read.Job.Parallelism!.Sharding, read.Job.Parallelism.FsdpVersion, read.Job.Parallelism.Data!.Value));
        Assert.Equal(["q_proj", "v_proj"], read.Job.Training.Lora!.TargetModules);
        Assert.Equal(TrainingFramework.PyTorchFSDP, read.Job.Training.Framework);
    }

    [Theory]
    [InlineData("torchrun --nproc_per_node 8 train.py --model Qwen/Qwen3-8B --batch_size 2 --seq_len 4096 --learning_rate 1e-5 --bf16")]
    [InlineData("torchrun --nproc_per_node 8 train.py --model_name_or_path Qwen/Qwen3-8B --train_batch_size 2 --max_length 4096 --weight_decay 0.1")]
    [InlineData("torchrun --nproc_per_node 8 train.py --model_name_or_path Qwen/Qwen3-8B --batch_size 2 --context_length 4096")]
    public void What_a_script_of_ones_own_is_told_counts_and_how_it_divides_is_left_open(string command)
    {
        var read = Of(command);
        Assert.Equal(["train.py, whose code is not known here: how it divides the model, and in which types it trains, only that says"], read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 4096, 2, "8", null), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value, read.Job.Training.Trainer));
        Assert.DoesNotContain(read.Assumed, said => said.Contains("batch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(@"model.language_model.layers.[\d]+.(mlp|cross_attn|self_attn).(up|down|gate|q|k|v|o)_proj", "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj")]
    [InlineData(@".*\.layers\.(3|7|11)\.self_attn\.(q|v)_proj", "q_proj v_proj")]
    [InlineData("^.*(q_proj|v_proj)$", "q_proj v_proj")]
    [InlineData("self_attn.q_proj", "q_proj")]
    public void Adapters_are_named_by_the_ends_of_paths_or_by_an_expression_for_whole_ones(string target, string layers)
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["axolotl", "train", "/etc/train/c.yaml"]), 1,
            [TrainingPods.Files("c.yaml", $"base_model: Qwen/Qwen3-8B\nadapter: lora\nsequence_len: 2048\nlora_target_modules: '{target}'\n")]));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(layers.Split(' '), read.Job.Training!.Lora!.TargetModules);
    }

    [Theory]
    [InlineData("[q_proj, x_proj]", "adapters on x_proj", "q_proj")]
    [InlineData("'(?<=a)q_proj'", "lora_target_modules: (?<=a)q_proj", null)]
    [InlineData("'(((('", "lora_target_modules: ((((", null)]
    [InlineData("'(.?|.?.?)(.?|.?.?)(.?|.?.?)(.?|.?.?)(.?|.?.?)q_proj'", "lora_target_modules: (.?|.?.?)(.?|.?.?)(.?|.?.?)(.?|.?.?)(.?|.?.?)q_proj", null)]
    [InlineData("'((a|b){9}|.*){99}q_proj'", "lora_target_modules: ((a|b){9}|.*){99}q_proj", null)]
    public void Adapters_on_layers_that_are_not_known_are_said(string target, string said, string? layer)
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["axolotl", "train", "/etc/train/c.yaml"]), 1,
            [TrainingPods.Files("c.yaml", $"base_model: Qwen/Qwen3-8B\nadapter: lora\nsequence_len: 2048\nlora_target_modules: {target}\n")]));
        Assert.Equal([said], read.NotUnderstood);
        Assert.Equal(layer is null ? null : [layer], read.Job.Training!.Lora!.TargetModules);
    }

    private static TrainingCommand Of(string command) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), 1, []));

    private static TrainingCommand OfScript(string script) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", script]), 1, []));
}
