using GpuMem.Api.Commands;
using GpuMem.Api.Pods;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>How services of KServe say which model they serve, and on how many GPUs; composed in the shapes of its samples.</summary>
public sealed class KServeModelsTests
{
    [Theory]
    [InlineData("pytorch")]
    [InlineData("tensorflow")]
    [InlineData("triton")]
    [InlineData("huggingface")]
    public void The_format_may_be_the_field_itself(string format)
    {
        var pods = Assert.Single(Manifest.Read(Service("{" + format + ": {storageUri: 'pvc://ours', resources: {limits: {nvidia.com/gpu: 2}}}}")).Pods);

        Assert.Equal(("predictor", new PodGpus("nvidia.com/gpu", 2)), (pods.Role, PodGpus.Of(pods.Pod.Spec)));
    }

    [Theory]
    [InlineData("huggingface: {args: ['--model_id=Qwen/Qwen3-8B'], R}", "Qwen/Qwen3-8B")]
    [InlineData("huggingface: {storageUri: 'hf://Qwen/Qwen3-8B', R}", "Qwen/Qwen3-8B")]
    [InlineData("model: {modelFormat: {name: huggingface}, storageUri: 's3://bucket/models/Qwen--Qwen3-8B', args: [--max-model-len=1024], R}", "Qwen/Qwen3-8B")]
    [InlineData("model: {modelFormat: {name: huggingface}, storageUri: 'gs://bucket/Qwen3-8B', args: [--model_dir=/mnt/models], R}", "Qwen3-8B")]
    [InlineData("model: {modelFormat: {name: huggingface}, storageUri: 'pvc://ours', args: ['--model_id=Qwen/Qwen3-8B'], R}", "Qwen/Qwen3-8B")]
    [InlineData("model: {modelFormat: {name: huggingface}, storageUri: 'pvc://ours/weights', R}", null)]
    public void KServes_own_server_takes_what_is_stored(string predictor, string? model)
    {
        var pods = Assert.Single(Manifest.Read(Service("{" + predictor.Replace("R}", "resources: {limits: {nvidia.com/gpu: 1}}}", StringComparison.Ordinal) + "}")).Pods);

        Assert.Equal(model, Assert.Single(EngineCommandReader.Read(pods.Spec()!, [])).Settings.Model?.Name);
    }

    /// <summary>An LLMInferenceService with workers is data parallel where it says how much.</summary>
    [Fact]
    public void Data_parallel_ranks_share_their_experts()
    {
        const string Spec = "{model: {uri: 'pvc://ours', name: deepseek-ai/DeepSeek-R1-0528}, parallelism: {data: 32, dataLocal: 8, expert: true, tensor: 1}, worker: {containers: [C]}, template: {containers: [C]}}";
        var decode = Manifest.Read(Llm(Spec.Replace("C]", "{name: main, resources: {limits: {nvidia.com/gpu: 8}}}]", StringComparison.Ordinal))).Pods[0];

        var command = Assert.Single(EngineCommandReader.Read(decode.Spec()!, []));
        Assert.Empty(command.NotUnderstood);
        Assert.Equal(("DeepSeek-R1-0528", 1, 32), (command.Settings.Model?.Name, command.Settings.Tensor, command.Settings.Expert));
        Assert.Equal("model DeepSeek-R1-0528 is taken from the end of pvc://ours/deepseek-ai/DeepSeek-R1-0528.", command.ModelGuess);
    }

    [Theory]
    [InlineData("{model: {uri: 'pvc://ours', name: ours}, template: {containers: [C]}}")]
    [InlineData("{model: {uri: 'hf://Qwen/Qwen3-8B'}, worker: {containers: [C]}, template: {containers: [C]}}")]
    public void What_is_not_known_starts_nothing(string spec) => Assert.All(
        Manifest.Read(Llm(spec.Replace("C]", "{name: main, resources: {limits: {nvidia.com/gpu: 8}}}]", StringComparison.Ordinal))).Pods, pods => Assert.Empty(EngineCommandReader.Read(pods.Spec()!, [])));

    private static string Service(string predictor) => Manifest.Of("serving.kserve.io/v1beta1", "InferenceService", "{predictor: " + predictor + "}");

    private static string Llm(string spec) => Manifest.Of("serving.kserve.io/v1alpha2", "LLMInferenceService", spec);
}
