using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Models that an init container, or the script itself, downloads into the folder that an engine or a trainer is given.</summary>
public sealed class ModelDownloadsTests
{
    private const string Model = "meta-llama/Llama-3.1-8B";

    private const string Download = "huggingface-cli download meta-llama/Llama-3.1-8B --local-dir /models/x";

    [Theory]
    [InlineData(Download, "vllm serve /models/x")]
    [InlineData("hf download meta-llama/Llama-3.1-8B --local-dir=/models/x/ --quiet", "vllm serve /models/x/ --max-model-len 4096")]
    [InlineData("sh -c 'pip install -U huggingface_hub && cd /models && hf download $MODEL --exclude *.pth --local-dir ./x'", "python3 -m vllm.entrypoints.openai.api_server --model=/models/x")]
    public void An_engine_on_a_folder_of_an_init_container_has_its_model_and_that_is_said(string init, string command)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod(init, command)));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(Model, read.Settings.Model?.Name);
        Assert.Contains("is meta-llama/Llama-3.1-8B, which init container fetch downloads there.", Assert.Single(read.Assumed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torchrun --nproc_per_node 8 run.py --model_name_or_path /models/x --block_size 4096 --per_device_train_batch_size 1 --bf16")]
    [InlineData("sh -c 'cat > /tmp/c.yaml <<EOF\nbase_model: /models/x\nsequence_len: 4096\nEOF\naxolotl train /tmp/c.yaml'")]
    public void A_training_on_such_a_folder_has_its_model_by_flag_and_by_file(string command)
    {
        var read = Assert.Single(TrainingCommandReader.Read(Pod(Download, command), 1, []));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(Model, read.Job.Model?.Name);
        Assert.Contains("/models/x is meta-llama/Llama-3.1-8B, which init container fetch downloads there.", read.Assumed);
    }

    [Fact]
    public void What_the_script_downloads_before_is_said_too()
    {
        var pod = TrainingPods.Pod(["sh", "-c", $"{Download}\nllamafactory-cli train --stage sft --model_name_or_path /models/x"]);
        Assert.Contains("/models/x is meta-llama/Llama-3.1-8B, which the script downloads there.", Assert.Single(TrainingCommandReader.Read(pod, 1, [])).Assumed);
    }

    [Theory]
    [InlineData("/models", null, "/models", null, "/models/x", true)]
    [InlineData("/models", null, "/data", null, "/data/x", true)]
    [InlineData("/models", null, "/data", "x", "/data", true)]
    [InlineData("/models/x", "llama", "/data", null, "/data/llama", true)]
    [InlineData("/models", null, "/data", "y", "/data", false)]
    [InlineData("/models", null, "/data", null, "/models/x", false)]
    [InlineData("/elsewhere", null, "/models", null, "/models/x", false)]
    public void A_folder_is_where_the_volume_is_mounted(string initPath, string? initPart, string path, string? part, string folder, bool isKnown)
    {
        var pod = Pod(Download, $"vllm serve {folder}");
        pod.InitContainers[0].VolumeMounts = [new V1VolumeMount { Name = "models", MountPath = initPath, SubPath = initPart }];
        pod.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "models", MountPath = path, SubPath = part }];
        var read = Assert.Single(EngineCommandReader.Read(pod));
        Assert.Equal(isKnown ? (Model, 0) : (null, 1), (read.Settings.Model?.Name, read.NotUnderstood.Count));
    }

    [Theory]
    [InlineData("sh -c 'hf download a/b --local-dir /models/x; hf download c/d --local-dir /models/x'")]
    [InlineData("hf download a/b --repo-type dataset --local-dir /models/x")]
    [InlineData("hf download $MODEL_OF_NOBODY --local-dir /models/x")]
    [InlineData("hf download a/b")]
    public void A_folder_that_may_hold_something_else_names_no_model(string init)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod(init, "vllm serve /models/x")));
        Assert.Null(read.Settings.Model);
        Assert.Equal(["/models/x"], read.NotUnderstood);
    }

    private static V1PodSpec Pod(string init, string command) => new()
    {
        InitContainers = [Container("fetch", init)],
        Containers = [Container("main", command)],
    };

    private static V1Container Container(string name, string command) => new()
    {
        Name = name,
        Command = [.. command.Split('\'').SelectMany((part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))],
        Env = [new V1EnvVar { Name = "MODEL", Value = Model }],
        VolumeMounts = [new V1VolumeMount { Name = "models", MountPath = "/models" }],
    };
}
