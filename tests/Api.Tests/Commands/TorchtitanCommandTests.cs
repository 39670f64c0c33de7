using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What torchtitan is told by flags and by its file.</summary>
public sealed class TorchtitanCommandTests
{
    private const string Toml = """
        # torchtitan Config.toml
        [job]
        dump_folder = "./outputs"   # not "here"

        [model]
        name = "llama3"
        flavor = '70B'
        # converters = ["float8"]

        [optimizer]
        name = "AdamW"
        lr = 1.5e-4

        [training]
        local_batch_size = 2
        seq_len = 8_192
        max_norm = 1.0

        [parallelism]
        data_parallel_replicate_degree = 1
        data_parallel_shard_degree = -1
        tensor_parallel_degree = 8

        [checkpoint]
        enable_checkpoint = false

        [activation_checkpoint]
        mode = "full"

        [compile]
        enable = true
        components = [
          "model",  # and
          "loss",
        ]
        """;

    [Theory]
    [InlineData("llama3", "llama3_8b", "meta-llama/Llama-3.1-8B", "its batch, length and division")]
    [InlineData("qwen3", "qwen3_30b_a3b", "Qwen/Qwen3-30B-A3B", "its batch, length and division")]
    [InlineData("mine", "mine_small", null, "its model and sizes")]
    public void Of_a_configuration_in_Python_the_model_is_known_by_its_name_and_the_rest_is_said_to_be_left_out(string module, string name, string? model, string left)
    {
        var read = Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["torchrun", "--nproc_per_node=8", "-m", "torchtitan.train", "--module", module, "--config", name, "--training.local_batch_size", "2"]), 1, []));

        Assert.Equal((model, 2L), (read.Job.Model?.Name, read.Job.Training!.MicroBatchSize!.Value.Value));
        Assert.Contains(left, Assert.Single(read.NotUnderstood), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torchrun --nnodes 4 --nproc_per_node 8 -m torchtitan.train --job.config_file /etc/train/t.toml")]
    [InlineData("torchrun --nnodes 4 --nproc_per_node 8 train.py --job.config_file=/etc/train/t.toml")]
    public void Its_file_is_read(string command)
    {
        var read = Of(command);
        Assert.Empty(read.NotUnderstood);
        var (training, layout) = (read.Job.Training!, read.Job.Parallelism!);
        Assert.Equal((Trainer.Torchtitan, "meta-llama/Llama-3.1-70B", 8192, 2), (training.Trainer, read.Job.Model?.Name, training.SequenceLength, training.MicroBatchSize));
        Assert.Equal((8, "4", Recompute.Full, true, OptimizerImplementation.Fused), (layout.Tensor, layout.Data!.Value, training.Recompute, training.FusedKernels, training.OptimizerOptions?.Implementation));
    }

    [Fact]
    public void A_script_may_write_it_and_flags_go_over_it()
    {
        var read = Assert.Single(TrainingCommandReader.Read(
            TrainingPods.Pod(["bash", "-c", $"cat > /tmp/t.toml <<'EOF'\n{Toml}\nEOF\ntorchrun --nproc_per_node 8 -m torchtitan.train --job.config_file /tmp/t.toml --training.local_batch_size 1 --model.flavor 8B --parallelism.tensor_parallel_degree 1 --metrics.enable_tensorboard"]), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("meta-llama/Llama-3.1-8B", 1, 1, "8"), (read.Job.Model?.Name, read.Job.Training!.MicroBatchSize, read.Job.Parallelism!.Tensor, read.Job.Parallelism.Data!.Value));
    }

    [Theory]
    [InlineData("--parallelism.data_parallel_replicate_degree 2", 16, null, null)]
    [InlineData("--parallelism.data_parallel_replicate_degree 4 --parallelism.data_parallel_shard_degree 8", 8, null, null)]
    [InlineData("--parallelism.data_parallel_replicate_degree 32 --parallelism.data_parallel_shard_degree 1", 1, TrainingFramework.DDP, null)]
    [InlineData("--parallelism.pipeline_parallel_degree 2", null, null, 32L)]
    public void Copies_shards_and_stages_are_those_of_a_manifest(string flags, int? group, TrainingFramework? framework, long? batch)
    {
        var read = Of($"torchrun --nnodes 4 --nproc_per_node 8 -m torchtitan.train --model.flavor 8B --training.local_batch_size 2 --training.seq_len 4096 {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((group, framework, batch), (read.Job.Parallelism!.ShardGroup, read.Job.Training!.Framework, read.Job.Training.GlobalBatchSize));
    }

    [Theory]
    [InlineData("--parallelism.pipeline_parallel_degree 2 --parallelism.pipeline_parallel_schedule 1F1B", PipelineSchedule.OneForwardOneBackward, null)]
    [InlineData("--parallelism.pipeline_parallel_degree 2 --parallelism.pipeline_parallel_schedule GPipe", PipelineSchedule.GPipe, null)]
    [InlineData("--parallelism.pipeline_parallel_degree 2 --parallelism.pipeline_parallel_schedule Interleaved1F1B", PipelineSchedule.Interleaved, 2)] // two chunks a rank
    [InlineData("--parallelism.pipeline_parallel_schedule Interleaved1F1B", null, null)] // without stages there is nothing to order
    public void Schedules_are_those_of_torch(string flags, PipelineSchedule? schedule, int? chunks)
    {
        var read = Of($"torchrun --nproc_per_node 8 -m torchtitan.train --model.flavor 8B --training.local_batch_size 2 {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((schedule, chunks), (read.Job.Parallelism!.Schedule, read.Job.Parallelism.VirtualStages));
    }

    [Theory]
    [InlineData("--model.name my_model", "model.name my_model of model.flavor 8B, whose checkpoint is not known")]
    [InlineData("--model.converters mx", "--model.converters mx")]
    [InlineData("--activation_checkpoint.selective_ac_option 2", "--activation_checkpoint.selective_ac_option 2")]
    [InlineData("--parallelism.pipeline_parallel_schedule ZBVZeroBubble", "--parallelism.pipeline_parallel_schedule ZBVZeroBubble")]
    [InlineData("--parallelism.of_tomorrow 1", "--parallelism.of_tomorrow 1")]
    [InlineData("--job.config_file /opt/t.toml", "/opt/t.toml is in no ConfigMap of this file: put the ConfigMap that is mounted there into the same file, or say what it holds with flags")]
    public void What_is_not_understood_is_said(string flags, string said) =>
        Assert.Equal([said], Of($"torchrun --nproc_per_node 8 -m torchtitan.train --model.flavor 8B {flags}").NotUnderstood);

    [Theory]
    [InlineData("[model]\nflavor = \"8B\"\nx = {a = 1}", 3)]
    [InlineData("[[model]]", 1)]
    [InlineData("a = 1\n\na = 2", 3)]
    [InlineData("a = \"\"\"\nb\"\"\"", 1)]
    [InlineData("a = 1979-05-27", 1)]
    [InlineData("a = [[1], [2]]", 1)]
    [InlineData("a = [1,\n2", 1)]
    [InlineData("a = \"b\\u0041\"", 1)]
    [InlineData("what", 1)]
    public void What_of_TOML_is_not_read_is_said_with_its_line(string toml, int line) =>
        Assert.StartsWith($"/etc/train/t.toml: line {line}: ", Of("torchrun --nproc_per_node 8 -m torchtitan.train --job.config_file /etc/train/t.toml --model.flavor 8B", toml).NotUnderstood[0], StringComparison.Ordinal);

    private static TrainingCommand Of(string command, string toml = Toml) =>
        Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command.Split(' ')), pods: 1, [TrainingPods.Files("t.toml", toml)]));
}
