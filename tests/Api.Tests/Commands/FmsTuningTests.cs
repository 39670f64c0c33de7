using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>fms-hf-tuning, by its module and by the script of its image.</summary>
public sealed class FmsTuningTests
{
    private const string Tuned = "\"model_name_or_path\": \"Qwen/Qwen3-8B\", \"per_device_train_batch_size\": 4, \"max_seq_length\": 2048, \"training_data_path\": \"/d\", \"output_dir\": \"/o\", \"torch_dtype\": \"bfloat16\"";

    [Fact]
    public void Its_trainer_takes_flash_attention_and_adapters_by_its_own_flags()
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod("accelerate launch --num_processes=2 --use_fsdp --fsdp_sharding_strategy=1 -m tuning.sft_trainer --model_name_or_path Qwen/Qwen3-8B --peft_method lora --r 16 --target_modules q_proj v_proj --training_data_path /d --response_template x --packing false".Split(' ')), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((TrainingMethod.LoRA, 16, 4096, 8, AttentionKernel.Flash), (read.Job.Training!.Method, read.Job.Training.Lora!.Rank, read.Job.Training.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Attention));
        Assert.Equal((Sharding.Full, "2", Trainer.HuggingFace), (read.Job.Parallelism!.Sharding!.Value, read.Job.Parallelism.Data!.Value, read.Job.Training.Trainer));
    }

    [Theory]
    [InlineData(new string[0], 8, "8", Sharding.Full)]
    [InlineData(new[] { "python", "/app/accelerate_launch.py" }, 8, "8", Sharding.Full)]
    [InlineData(new[] { "python", "/app/accelerate_launch.py" }, 1, "1", null)]
    public void Its_image_divides_the_model_over_all_GPUs_of_the_pod(string[] command, int gpus, string processes, Sharding? sharding)
    {
        var read = Of(command, gpus, $"{{{Tuned}}}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 2048, 4, processes), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Parallelism!.Data!.Value));
        Assert.Equal((sharding, Precision.BF16, TrainingMethod.Full), (read.Job.Parallelism.Sharding?.Value, read.Job.Training.Precision, read.Job.Training.Method ?? TrainingMethod.Full));
    }

    [Fact]
    public void What_its_file_tells_the_launcher_counts_but_for_the_number_of_processes()
    {
        var read = Of([], 4, $"{{{Tuned}, \"peft_method\": \"lora\", \"accelerate_launch_args\": {{\"num_processes\": 1, \"use_fsdp\": true, \"fsdp_sharding_strategy\": 2}}}}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Sharding.Gradients, "4", 8), (read.Job.Parallelism!.Sharding!.Value, read.Job.Parallelism.Data!.Value, read.Job.Training!.Lora!.Rank));

        var told = Of([], 4, $"{{{Tuned}, \"accelerate_launch_args\": {{\"num_processes\": 2}}}}", ("SET_NUM_PROCESSES_TO_NUM_GPUS", "False"));
        Assert.Equal("2", told.Job.Parallelism!.Data!.Value);
    }

    [Fact]
    public void Settings_in_the_environment_alone_are_said_to_be_unread()
    {
        var pod = TrainingPods.Pod(["python", "/app/accelerate_launch.py"], environment: new() { ["SFT_TRAINER_CONFIG_JSON_ENV_VAR"] = "e30=" });
        Assert.Contains(Assert.Single(TrainingCommandReader.Read(pod, 1, [])).NotUnderstood, said => said.StartsWith("SFT_TRAINER_CONFIG_JSON_ENV_VAR", StringComparison.Ordinal));
    }

    private static TrainingCommand Of(string[] command, int gpus, string file, params (string Name, string Value)[] more)
    {
        Dictionary<string, string> environment = new() { ["SFT_TRAINER_CONFIG_JSON_PATH"] = $"{TrainingPods.Directory}/c.json" };
        foreach (var (name, value) in more)
            environment[name] = value;
        return Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command, gpus, environment), 1, [TrainingPods.Files("c.json", file)]));
    }
}
