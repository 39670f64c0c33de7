using GpuMem.Api.Commands.Training;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Shell scripts that lie in files: of ConfigMaps, or written by the script before.</summary>
public sealed class ShellScriptsTests
{
    private const string Training =
        "torchrun --nproc_per_node 4 --nnodes $NNODES run_clm.py --model_name_or_path Qwen/Qwen3-8B --max_seq_length 4096 --per_device_train_batch_size 2 --bf16 --learning_rate 1e-5";

    [Theory]
    [InlineData("/etc/train/run.sh")]
    [InlineData("bash /etc/train/run.sh")]
    [InlineData("/bin/sh -ex /etc/train/run.sh now")]
    [InlineData("tini -- env A=1 bash /etc/train/run.sh")]
    public void A_script_of_a_ConfigMap_is_read_as_the_words_of_sh_c(string command) =>
        AssertRead(Of(command.Split(' '), $"#!/usr/bin/env bash\nset -e\nexport NNODES=2\n{Training}\n"));

    [Theory]
    [InlineData("cd /etc/train && exec bash ./run.sh")]
    [InlineData("if [ -f /etc/train/run.sh ]; then bash /etc/train/run.sh; fi")]
    [InlineData("chmod +x /etc/train/run.sh\n/etc/train/run.sh")]
    [InlineData("cat > /tmp/run.sh <<'EOF'\n#!/bin/bash\nTRAIN\nEOF\nbash /tmp/run.sh")]
    [InlineData("cat > /tmp/run.sh <<'EOF'\n#!/bin/bash\nTRAIN\nEOF\nchmod 755 /tmp/run.sh; /tmp/run.sh")]
    [InlineData("bash -s <<'EOF'\nTRAIN\nEOF")]
    [InlineData("bash <<EOF\nTRAIN\nEOF")]
    public void Scripts_start_others(string script) =>
        AssertRead(Of(["bash", "-c", "NNODES=2\n" + script.Replace("TRAIN", Training, StringComparison.Ordinal)], $"#!/bin/sh\n{Training}"));

    [Fact]
    public void What_stands_behind_a_file_is_its_parameters() =>
        AssertRead(Of(["/etc/train/run.sh", "--max_seq_length", "4096"], $"#!/bin/bash\nNNODES=2\n{Training.Replace("--max_seq_length 4096", "\"$@\"", StringComparison.Ordinal)}"));

    [Fact]
    public void Files_that_a_script_writes_are_those_that_a_training_in_it_reads()
    {
        const string Script = "#!/bin/bash\ncd /tmp\ncat > c.yaml <<EOF\nbase_model: Qwen/Qwen3-8B\nsequence_len: 4096\nmicro_batch_size: $((1 + 1))\nEOF\naxolotl train c.yaml\n";
        var read = Of(["/etc/train/run.sh"], Script);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(2, read.Job.Training!.MicroBatchSize);
    }

    [Theory]
    [InlineData("/etc/train/run.sh", "#!/usr/bin/env python3\nTRAIN")]
    [InlineData("/etc/train/run.sh", "TRAIN")]
    [InlineData("python3 /etc/train/run.sh", "#!/bin/bash\nTRAIN")]
    [InlineData("bash /etc/train/other.sh", "#!/bin/bash\nTRAIN")]
    [InlineData("bash", "#!/bin/bash\nTRAIN")]
    public void What_no_shell_runs_is_no_script(string command, string text) => Assert.Empty(TrainingCommandReader.Read(
        TrainingPods.Pod(command.Split(' ')), 1, [TrainingPods.Files("run.sh", text.Replace("TRAIN", Training, StringComparison.Ordinal))]));

    [Fact]
    public void A_script_that_starts_itself_ends() => Assert.Empty(TrainingCommandReader.Read(
        TrainingPods.Pod(["/etc/train/run.sh"]), 1, [TrainingPods.Files("run.sh", "#!/bin/bash\n/etc/train/run.sh\n/etc/train/run.sh\n")]));

    private static void AssertRead(TrainingCommand read)
    {
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("8", "Qwen/Qwen3-8B", 4096, 2), (read.Job.Parallelism!.Data!.Value, read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize));
    }

    private static TrainingCommand Of(IList<string> command, string script) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(command), 1, [TrainingPods.Files("run.sh", script)]));
}
