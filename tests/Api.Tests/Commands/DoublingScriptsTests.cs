using GpuMem.Api.Commands.Training;

namespace GpuMem.Api.Tests.Commands;

/// <summary>A few lines can stand for more letters than there is memory: what else such a script starts is read all the same.</summary>
public sealed class DoublingScriptsTests
{
    private const int Times = 60;
    private const string Training = "torchrun --nproc_per_node 4 train.py --model_name_or_path Qwen/Qwen3-8B";

    [Theory]
    [InlineData("A=$A$A\n")]
    [InlineData("A=\"$A $A\"\n")]
    [InlineData("A=${A}${A}\n")]
    [InlineData("B+=(\"${B[@]}\" \"\" x)\n")]
    [InlineData("cat <<EOF > /tmp/a\n$A$A\nEOF\nread -d '' A </tmp/a\n")]
    [InlineData("read -d '' A <<EOF\n$A$A\nEOF\n")]
    [InlineData("cd a/b/c/d/e/f\n")]
    public void Variables_may_double(string line) => AssertRead(TrainingPods.Pod(["bash", "-c", "A=xxxxxxxxxx\n" + string.Concat(Enumerable.Repeat(line, Times)) + Training]));

    [Fact]
    public void The_environment_may_double()
    {
        var pod = TrainingPods.Pod(["bash", "-c", Training]);
        pod.Containers[0].Env = [new V1EnvVar { Name = "A0", Value = "xxxxxxxxxx" }, .. Enumerable.Range(1, Times).Select(i => new V1EnvVar { Name = $"A{i}", Value = $"$(A{i - 1})$(A{i - 1})" })];
        AssertRead(pod);
    }

    /// <summary>Since Kubernetes 1.30 a name may have any letter but an equals sign.</summary>
    [Fact]
    public void Names_of_variables_may_look_like_references()
    {
        var pod = TrainingPods.Pod(["bash", "-c", Training, "$(A$(B)"]);
        pod.Containers[0].Env = [new V1EnvVar { Name = "A$(B", Value = "x" }, new V1EnvVar { Name = "B", Value = "y" }];
        AssertRead(pod);
    }

    [Fact]
    public void A_path_may_grow() => AssertRead(TrainingPods.Pod(["bash", "-c", string.Concat(Enumerable.Repeat("cd a/b\n", 15_000)) + Training]));

    [Theory]
    [InlineData("cat > /tmp/c.toml <<'EOF'\nx = DEEP\nEOF\ntorchrun train.py --job.config_file /tmp/c.toml\n")]
    [InlineData("cat > /tmp/c.yaml <<'EOF'\nx: DEEP\nEOF\naxolotl train /tmp/c.yaml\n")]
    [InlineData("cat > /tmp/c.json <<'EOF'\nDEEP\nEOF\ndeepspeed train.py --deepspeed /tmp/c.json\n")]
    public void Lists_may_be_nested_without_end(string script) =>
        Assert.NotEmpty(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", script.Replace("DEEP", new string('[', 30_000) + new string(']', 30_000), StringComparison.Ordinal) + Training]), 1, []));

    [Fact]
    public void A_command_of_more_words_than_anybody_writes_is_left_out() =>
        AssertRead(TrainingPods.Pod(["bash", "-c", $"vllm serve {string.Concat(Enumerable.Repeat("--a ", 30_000))}\n{Training}"]));

    [Fact]
    public void What_stands_for_variables_of_real_pods_is_far_less() =>
        Assert.Contains("Qwen3-8B", Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(["bash", "-c", $"A={new string('x', 60_000)}\nB=Qwen/Qwen3-8B\necho $A\n{Training.Replace("Qwen/Qwen3-8B", "$B", StringComparison.Ordinal)}"]), 1, [])).Job.Model!.Name, StringComparison.Ordinal);

    private static void AssertRead(V1PodSpec pod)
    {
        var read = Assert.Single(TrainingCommandReader.Read(pod, 1, []));
        Assert.Equal("Qwen/Qwen3-8B", read.Job.Model!.Name);
    }
}
