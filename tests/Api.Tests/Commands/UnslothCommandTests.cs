using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>unsloth's two command lines.</summary>
public sealed class UnslothCommandTests
{
    [Fact]
    public void Its_script_trains_adapters_whatever_it_is_told()
    {
        var read = Of("python unsloth-cli.py --model_name Qwen/Qwen3-8B --max_seq_length 8192 --load_in_4bit --r 64 --lora_alpha 32 --per_device_train_batch_size 4 --gradient_accumulation_steps 8 --optim adamw_8bit --use_gradient_checkpointing unsloth --dataset x --save_model --quantization q4_k_m q8_0", []);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Trainer.Unsloth, TrainingMethod.QLoRA, 64, 8192, 4, "1"), (read.Job.Training!.Trainer, read.Job.Training.Method, read.Job.Training.Lora!.Rank, read.Job.Training.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal((Recompute.Full, true, Optimizer.AdamW8bit), (read.Job.Training.Recompute!.Value, read.Job.Training.Offload!.Activations, read.Job.Training.Optimizer));

        var plain = Of("python unsloth-cli.py --model_name Qwen/Qwen3-8B --use_gradient_checkpointing true", []);
        Assert.Equal((TrainingMethod.LoRA, 16, 2048, 2, false), (plain.Job.Training!.Method, plain.Job.Training.Lora!.Rank, plain.Job.Training.SequenceLength, plain.Job.Training.MicroBatchSize, plain.Job.Training.Offload!.Activations));
    }

    [Theory]
    [InlineData("unsloth train --model Qwen/Qwen3-8B --dataset x --max-seq-length 4096", TrainingMethod.QLoRA, 64)]
    [InlineData("unsloth train --model Qwen/Qwen3-8B --dataset x --max-seq-length 4096 --no-load-in-4bit --lora-r 8", TrainingMethod.LoRA, 8)]
    [InlineData("unsloth train --model Qwen/Qwen3-8B --dataset x --max-seq-length 4096 --training-type full", null, null)]
    [InlineData("unsloth train --config /etc/train/c.yaml --lora-r 8", TrainingMethod.QLoRA, 8)]
    public void Its_command_quantises_unless_it_is_told_not_to(string command, TrainingMethod? method, int? rank)
    {
        var read = Of(command, [TrainingPods.Files("c.yaml", "model: Qwen/Qwen3-8B\ndata: {dataset: x}\ntraining: {max_seq_length: 4096, batch_size: 2}\nlora: {lora_r: 32}\n")]);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 4096, 2, method, rank), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Method, read.Job.Training.Lora?.Rank));
    }

    private static TrainingCommand Of(string command, IReadOnlyList<V1ConfigMap> files) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' '), gpus: 1), 1, files));
}
