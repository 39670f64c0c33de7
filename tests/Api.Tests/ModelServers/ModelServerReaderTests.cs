using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Kubernetes;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.ModelServers;

public sealed class ModelServerReaderTests
{
    private const string Model = """ "model": {"name": "meta-llama/Llama-3.1-8B"} """;

    [Fact]
    public void What_is_left_out_takes_the_defaults_that_the_fields_promise()
    {
        var request = Read($$"""{ {{Model}}, "contextLength": 32768 }""");

        Assert.Equal((32768, 0, 1), (request.Spec.InputLength, request.Spec.OutputLength, request.Spec.Batch));
        Assert.Equal((InferenceEngine.VLLM, 1, KeyValueCacheType.BF16), (request.Spec.Engine, request.Spec.Tensor, request.Spec.KvCacheDtype));
        Assert.Equal((true, false, Objective.Cost, 0, Bytes.Zero), (request.BatchedTokensAreAuto, request.PromptIsStated, request.Objective, request.HeadroomPercent, request.OccupiedMemory));
        Assert.Empty(request.Pools);
    }

    [Fact]
    public void The_same_fields_mean_the_same_in_a_file_about_serving()
    {
        const string fields = "{\"model\": {\"name\": \"meta-llama/Llama-3.1-8B\"}, \"contextLength\": 4096, \"outputLength\": 96, \"tensor\": 2, \"memoryFraction\": \"0.8\", \"cacheType\": \"FP8\"}";
        var file = ApiJson.Default.Deserialize<InferenceManifest>(System.Text.Encoding.UTF8.GetBytes($$"""{"kind": "Inference", "spec": {{fields}}}"""))!;

        Assert.Equal(InferenceReader.Read(file.Spec!, out _), Read(fields).Spec);
        Assert.Equal((4000, 96, 0.8m), (Read(fields).Spec.InputLength, Read(fields).Spec.OutputLength, Read(fields).Spec.MemoryFraction));
    }

    [Fact]
    public void Placement_and_policy_are_read()
    {
        var request = Read($$"""
            { {{Model}}, "inputLength": 8192, "maxBatchedTokens": 2048, "placement": {"pools": ["h100"], "objective": "FewestGPUs", "occupiedMemory": "20Gi"}, "policy": {"headroomPercent": 10} }
            """);

        Assert.Equal(["h100"], request.Pools);
        Assert.Equal((false, true, Objective.FewestGPUs, 10, Bytes.FromGiB(20)), (request.BatchedTokensAreAuto, request.PromptIsStated, request.Objective, request.HeadroomPercent, request.OccupiedMemory));
    }

    [Theory]
    [InlineData("\"sequences\": 1", "contextLength: is needed: the tokens of one sequence")]
    [InlineData("\"contextLength\": 8, \"inputLength\": 8", "contextLength: it is prompt and output together")]
    [InlineData("\"contextLength\": 8, \"outputLength\": 8", "outputLength: 8 of contextLength 8 leave no token for the prompt")]
    [InlineData("\"contextLength\": 8, \"template\": {}, \"targetRef\": {\"kind\": \"Deployment\"}", "template: give template")]
    [InlineData("\"contextLength\": 8, \"replicas\": 2", "replicas: is for the servers that template makes")]
    [InlineData("\"contextLength\": 8, \"placement\": {\"occupiedMemory\": \"-1\"}", "placement.occupiedMemory: -1 is less than nothing")]
    public void What_contradicts_itself_is_told_with_its_place(string fields, string problem)
    {
        var server = Example.Server("llama", $$"""{ {{Model}}, {{fields}} }""");

        Assert.Null(ModelServerReader.Read(server, NoConfigMaps.Instance, gpusOfPod: null, out var problems));
        Assert.StartsWith(problem, Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama-70b", true)]
    [InlineData("8b", false)]
    [InlineData("Llama", false)]
    [InlineData("a.b", false)]
    [InlineData("a-", false)]
    public void A_name_is_the_value_of_a_label(string name, bool isGood) => Assert.Equal(isGood, ModelServerName.Problem(name) is null);

    private static ServerRequest Read(string spec)
    {
        var request = ModelServerReader.Read(Example.Server("llama", spec), NoConfigMaps.Instance, gpusOfPod: null, out var problems);
        Assert.Empty(problems);
        return request!;
    }
}
