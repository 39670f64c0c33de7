using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Tests.Json;

public sealed class ApiJsonTests
{
    [Fact]
    public void A_training_job_comes_back_as_it_went() => RoundTrips<TrainingJob>("""
        {"apiVersion":"gpumem.io/v1alpha1","kind":"TrainingJob","metadata":{"name":"x","namespace":"y"},
        "spec":{"model":{"config":{"unknown":[1,{"deep":null}]}},"training":{"method":"QLoRA","sequenceLength":1,"lora":{"rank":8,"targetModules":["q"]}},
        "parallelism":{"data":"Auto","sharding":"Full"},"placement":{"gpusPerNode":8,"pools":["a"],"objective":"FewestGPUs"},
        "policy":{"mode":"Off","rewrite":"Always","unknownCapacity":"Deny"},"template":{"spec":{"future":true}}},
        "status":{"observedGeneration":3,"phase":"Admitted","verdict":"Fits","plan":{"gpus":8}}}
        """);

    [Fact]
    public void A_pool_comes_back_as_it_went() => RoundTrips<GpuPool>("""
        {"apiVersion":"gpumem.io/v1alpha1","kind":"GpuPool","metadata":{"name":"x"},
        "spec":{"selector":{"a/b":"c"},"product":"GPU","memoryPerGPU":"81559Mi","gpusPerNode":8,"maxNodes":4,"pricePerGPUHour":"3900m","taints":[{"key":"k","effect":"NoSchedule"}]},
        "status":{"nodes":1}}
        """);

    [Theory]
    [InlineData("""{"spec":{"training":{"method":"lora"}}}""", "spec.training.method: 'lora' is not one of Full, LoRA, QLoRA")]
    [InlineData("""{"spec":{"training":{"method":7}}}""", "spec.training.method: this value is not one of")]
    [InlineData("""{"spec":{"policy":{"mode":false}}}""", "spec.policy.mode: this value is not one of Off, Warn, Enforce in quotes")]
    [InlineData("""{"spec":{"training":{"sequenceLength":"long"}}}""", "spec.training.sequenceLength: the value does not have the type of this field")]
    [InlineData("""{"spec":{"training":{"sequenceLength":8192.5}}}""", "spec.training.sequenceLength: the number is too large, or is not whole")]
    [InlineData("""{"spec":{"training":{"sequenceLength":1e99}}}""", "spec.training.sequenceLength: the number is too large, or is not whole")]
    [InlineData("""{"spec":{"parallelism":{"data":99999999999}}}""", "spec.parallelism.data: expected a whole number of at most 2,147,483,647, or a word")]
    [InlineData("""{"spec":{"placement":{"pools":"h100"}}}""", "spec.placement.pools: the value does not have the type of this field")]
    [InlineData("""{"spec":{"parallelism":{"data":1.5}}}""", "spec.parallelism.data: expected a whole number of at most 2,147,483,647, or a word")]
    [InlineData("""[]""", "the object: the value does not have the type of this field")]
    public void What_is_wrong_is_said_in_words_of_the_file(string json, string says)
    {
        var words = JsonProblem.Describe(Assert.Throws<JsonException>(() => ApiJson.Default.Deserialize<TrainingJob>(Encoding.UTF8.GetBytes(json))));

        Assert.StartsWith(says, words, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", words, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e999999")]
    [InlineData("80 GB")]
    [InlineData("eighty")]
    [InlineData("")]
    public void A_memory_that_is_no_quantity_is_refused_clearly(string memory)
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"spec":{"memoryPerGPU":"{{{memory}}}"}}""");
        var words = JsonProblem.Describe(Assert.Throws<JsonException>(() => ApiJson.Default.Deserialize<GpuPool>(json)));

        Assert.StartsWith($"spec.memoryPerGPU: '{memory}' is not a quantity", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_wrong_name_is_cut()
    {
        var json = Encoding.UTF8.GetBytes($$$$"""{"spec":{"training":{"method":"{{{{new string('x', 5000)}}}}"}}}""");

        Assert.InRange(JsonProblem.Describe(Assert.Throws<JsonException>(() => ApiJson.Default.Deserialize<TrainingJob>(json))).Length, 1, 200);
    }

    private static void RoundTrips<T>(string json)
    {
        var there = ApiJson.Default.Serialize(ApiJson.Default.Deserialize<T>(Encoding.UTF8.GetBytes(json)));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(there)), Encoding.UTF8.GetString(there));
    }
}
