using GpuMem.Api.Commands;
using GpuMem.Api.Commands.Training;

namespace GpuMem.Api.Tests.Commands;

/// <summary>Folders, files and buckets that nobody fills in sight, which people call after the model that lies there.</summary>
public sealed class ModelPathTests
{
    [Theory]
    [InlineData("vllm serve /models/Llama-3.1-8B-Instruct", "Llama-3.1-8B-Instruct", "/models/Llama-3.1-8B-Instruct")]
    [InlineData("vllm serve --model=/models/meta-llama/Llama-3.1-8B-Instruct/", "Llama-3.1-8B-Instruct", "/models/meta-llama/Llama-3.1-8B-Instruct/")]
    [InlineData("vllm serve s3://weights/Llama-3.1-8B-Instruct/ --load-format runai_streamer", "Llama-3.1-8B-Instruct", "s3://weights/Llama-3.1-8B-Instruct/")]
    [InlineData("python -m sglang.launch_server --model-path ./Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct", "./Qwen2.5-7B-Instruct")]
    [InlineData("llama-server -m /models/Qwen2.5-7B-Instruct-Q4_K_M.gguf", "Qwen2.5-7B-Instruct-Q4_K_M", "/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf")]
    [InlineData("llama-server -m models/Llama-3.3-70B-Instruct-Q6_K-00001-of-00002.gguf", "Llama-3.3-70B-Instruct-Q6_K", "models/Llama-3.3-70B-Instruct-Q6_K-00001-of-00002.gguf")]
    public void The_end_of_a_path_names_the_model_and_that_is_said(string command, string name, string path)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod(command)));
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(name, read.Settings.Model?.Name);
        Assert.Equal($"model {name} is taken from the end of {path}.", read.ModelGuess);
        Assert.Contains(read.ModelGuess, read.Assumed);
    }

    [Theory]
    [InlineData("vllm serve /cache/huggingface/hub/models--meta-llama--Llama-3.1-8B-Instruct/snapshots/0e9e39f249a16976918f6564b8830bc894c89659", "meta-llama/Llama-3.1-8B-Instruct")]
    [InlineData("vllm serve /hub/models--gpt2/snapshots/607a30d783dfa663caf39e06633721c8d4cfcd7e", "gpt2")]
    [InlineData("vllm serve /hub/models--somebody--a-model--of-theirs", "somebody/a-model/of-theirs")]
    public void The_cache_of_the_hub_names_the_model(string command, string name)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod(command)));
        Assert.Equal(name, read.Settings.Model?.Name);
        Assert.Contains("is the hub's cache of", read.ModelGuess, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vllm serve /models/ours")]
    [InlineData("vllm serve /mnt/models")]
    [InlineData("vllm serve /models/$MODEL_OF_NOBODY")]
    [InlineData("vllm serve /models/Llama-3.1-8B-Instruct/checkpoint-500")]
    [InlineData("vllm serve /")]
    public void A_path_that_is_called_otherwise_names_none(string command)
    {
        var read = Assert.Single(EngineCommandReader.Read(Pod(command)));
        Assert.Null(read.Settings.Model);
        Assert.Single(read.NotUnderstood);
    }

    [Fact]
    public void A_path_says_how_the_weights_are_stored_as_an_id_does() =>
        Assert.Equal("Qwen2.5-72B-Instruct-AWQ", Assert.Single(EngineCommandReader.Read(Pod("vllm serve /mnt/models/Qwen2.5-72B-Instruct-AWQ"))).Settings.Model?.Name);

    [Fact]
    public void What_is_downloaded_into_a_folder_goes_over_its_name()
    {
        var pod = Pod("vllm serve /models/Llama-3.1-8B-Instruct");
        pod.InitContainers = [new V1Container { Name = "fetch", Command = ["hf", "download", "Qwen/Qwen3-8B", "--local-dir", "/models/Llama-3.1-8B-Instruct"], VolumeMounts = [new V1VolumeMount { Name = "models", MountPath = "/models" }] }];
        var read = Assert.Single(EngineCommandReader.Read(pod));
        Assert.Equal("Qwen/Qwen3-8B", read.Settings.Model?.Name);
        Assert.Null(read.ModelGuess);
    }

    [Fact]
    public void A_training_on_such_a_folder_has_its_model()
    {
        var read = Assert.Single(TrainingCommandReader.Read(Pod("torchrun --nproc_per_node 8 run.py --model_name_or_path /models/Llama-3.1-8B --learning_rate 1e-5 --block_size 4096 --bf16"), 1, []));
        Assert.Equal("Llama-3.1-8B", read.Job.Model?.Name);
        Assert.Equal("model Llama-3.1-8B is taken from the end of /models/Llama-3.1-8B.", read.ModelGuess);
    }

    private static V1PodSpec Pod(string command) => new()
    {
        Containers = [new V1Container { Name = "main", Command = [.. command.Split(' ')], VolumeMounts = [new V1VolumeMount { Name = "models", MountPath = "/models" }] }],
    };
}
