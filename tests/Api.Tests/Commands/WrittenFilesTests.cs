using FsCheck.Xunit;
using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Configurations that a script writes with here-documents before it starts a training on them.</summary>
public sealed class WrittenFilesTests
{
    private const string Yaml = "base_model: Qwen/Qwen3-8B\nsequence_len: 4096\nmicro_batch_size: 2\n";

    [Theory]
    [InlineData("cat > /tmp/c.yaml <<EOF\nYAML\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("cat <<'EOF' > /tmp/c.yaml\nYAML\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("cat>/tmp/c.yaml<<EOF && axolotl train /tmp/c.yaml\nYAML\nEOF\n")]
    [InlineData("mkdir -p /tmp/x\ncd /tmp/x\ntee ../c.yaml > /dev/null <<EOF\nYAML\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("cat <<EOF | tee /tmp/c.yaml\nYAML\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("cat > c.yaml <<EOF\nYAML\nEOF\naxolotl train ./c.yaml")]
    [InlineData("cat > /tmp/c.yaml <<EOF\nYAML\nEOF\ngrep -i model /tmp/c.yaml\naxolotl train /tmp/c.yaml")]
    [InlineData("cat > /tmp/c.yaml <<EOF\nYAML\nEOF\ntee /tmp/c.yaml <<EOF\nYAML\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("if true; then\n  cat > $HOME/c.yaml <<EOF\nYAML\n  EOF\nfi\naxolotl train ${HOME}/c.yaml")]
    [InlineData("cat > /tmp/c.yaml <<EOF\nbase_model: $MODEL\nEOF\ncat >> /tmp/c.yaml <<EOF\nsequence_len: ${LENGTH:-4096}\nmicro_batch_size: 2\nEOF\naxolotl train /tmp/c.yaml")]
    [InlineData("cat > a <<A && cat > /tmp/c.yaml <<B\nnone: of this\nA\nYAML\nB\naxolotl train /tmp/c.yaml")]
    [InlineData("cat > /tmp/c.yaml <<-EOF\n\tbase_model: Qwen/Qwen3-8B\n\tsequence_len: 4096\n\tmicro_batch_size: 2\n\tEOF\naxolotl train /tmp/c.yaml")]
    public void A_file_of_a_here_document_is_read_as_if_a_ConfigMap_held_it(string script)
    {
        var read = Of(script);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("Qwen/Qwen3-8B", 4096, 2, Trainer.Axolotl), (read.Job.Model?.Name, read.Job.Training!.SequenceLength, read.Job.Training.MicroBatchSize, read.Job.Training.Trainer));
    }

    [Theory]
    [InlineData("<<EOF", "Qwen/Qwen3-8B")]
    [InlineData("<<'EOF'", null)]
    [InlineData("<<\\EOF", null)]
    public void Variables_are_put_in_unless_the_word_behind_the_operator_is_quoted(string document, string? model)
    {
        var read = Of($"cat > /tmp/c.yaml {document}\nbase_model: $MODEL\nsequence_len: 4096\nEOF\naxolotl train /tmp/c.yaml");
        Assert.Equal(model, read.Job.Model?.Name);
        Assert.Equal(model is null ? ["base_model: $MODEL"] : [], read.NotUnderstood);
    }

    [Fact]
    public void What_is_escaped_is_not_put_in_and_what_a_command_prints_is_said()
    {
        var read = Of("cat > /tmp/c.yaml <<EOF\nbase_model: \\$MODEL\nsequence_len: $(cat /x)\nEOF\naxolotl train /tmp/c.yaml");
        Assert.Equal(["base_model: $MODEL", "sequence_len: $(cat /x)"], read.NotUnderstood);
    }

    [Fact]
    public void Launchers_and_flags_take_such_files_too()
    {
        const string Script =
            "cat > /tmp/accelerate.yaml <<EOF\ndistributed_type: DEEPSPEED\nnum_processes: 16\nnum_machines: 2\ndeepspeed_config: {zero_stage: 3}\nEOF\n"
            + "cat > /tmp/ds.json <<'EOF'\n{\"zero_optimization\": {\"stage\": 2, \"offload_optimizer\": {\"device\": \"cpu\"}}}\nEOF\n"
            + "accelerate launch --config_file /tmp/accelerate.yaml run.py --model_name_or_path Qwen/Qwen3-8B --block_size 4096 --bf16 --per_device_train_batch_size 1 --deepspeed /tmp/ds.json";
        var read = Of(Script);
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(("16", Sharding.Gradients, OffloadTarget.Host), (read.Job.Parallelism!.Data!.Value, read.Job.Parallelism.Sharding, read.Job.Training!.Offload?.Optimizer));
    }

    [Fact]
    public void LlamaFactory_takes_one()
    {
        var read = Of("cat > /tmp/l.yaml <<EOF\nmodel_name_or_path: Qwen/Qwen3-8B\nstage: sft\nfinetuning_type: lora\nbf16: true\nper_device_train_batch_size: 1\nEOF\nllamafactory-cli train /tmp/l.yaml cutoff_len=1024");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((Trainer.LLaMAFactory, TrainingMethod.LoRA, 1024), (read.Job.Training!.Trainer, read.Job.Training.Method, read.Job.Training.SequenceLength));
    }

    [Theory]
    [InlineData("cat > /tmp/c.yaml <<EOF\nYAML\nEOF\nsed -i s/8B/32B/ /tmp/c.yaml", "/tmp/c.yaml is changed by sed, which is not run")]
    [InlineData("cat > /tmp/t <<EOF\nYAML\nEOF\nenvsubst < /tmp/t > /tmp/c.yaml", "/tmp/c.yaml is written by envsubst, which is not run")]
    [InlineData("cat > /tmp/c.yaml <<EOF\nYAML\nEOF\nmv /tmp/other.yaml /tmp/c.yaml", "/tmp/c.yaml is written by mv, which is not run")]
    [InlineData("cat a b > /tmp/c.yaml <<EOF\nYAML\nEOF", "/tmp/c.yaml is written by cat, which is not run")]
    [InlineData("cat >> /tmp/c.yaml <<EOF\nYAML\nEOF", "/tmp/c.yaml is appended to, and what it held before is not known")]
    [InlineData("if $BIG; then cat > /tmp/c.yaml <<EOF\nYAML\nEOF\nelse cat > /tmp/c.yaml <<EOF\nsequence_len: 1\nEOF\nfi", "/tmp/c.yaml is written more than once")]
    [InlineData("cat > /tmp/c.yaml <<EOF\nbase_model: [\nEOF", "/tmp/c.yaml: line ")]
    [InlineData("cat > /tmp/c.yaml", "/tmp/c.yaml is written by cat, which is not run")]
    [InlineData("true", "/tmp/c.yaml is in no ConfigMap of this file")]
    public void A_file_whose_text_is_not_known_is_said_with_why(string before, string said)
    {
        var read = Of($"{before}\naxolotl train /tmp/c.yaml");
        Assert.StartsWith(said, Assert.Single(read.NotUnderstood), StringComparison.Ordinal);
        Assert.Null(read.Job.Model);
    }

    [Fact]
    public void What_is_written_after_the_training_has_started_is_not_what_it_reads() =>
        Assert.Contains("/tmp/c.yaml is in no ConfigMap", Assert.Single(Of("axolotl train /tmp/c.yaml\ncat > /tmp/c.yaml <<EOF\nYAML\nEOF").NotUnderstood), StringComparison.Ordinal);

    [Property]
    public void No_text_stops_the_reader(FsCheck.NonNull<string> text)
    {
        foreach (var (file, command) in new[] { ("c.yaml", "axolotl train /tmp/c.yaml"), ("c.toml", "torchrun -m torchtitan.train --job.config_file /tmp/c.toml") })
            Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", $"cat > /tmp/{file} <<EOF\n{text.Get}\nEOF\n{command}"]), 1, []));
    }

    private static TrainingCommand Of(string script) => Assert.Single(TrainingCommandReader.Read(
        TrainingPods.Pod(["bash", "-c", script.Replace("YAML\n", Yaml, StringComparison.Ordinal)], environment: new() { ["MODEL"] = "Qwen/Qwen3-8B", ["HOME"] = "/opt/a" }), pods: 1, []));
}
