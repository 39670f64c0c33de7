namespace GpuMem.Evaluation.Tests;

public sealed class CaseRuleTests
{
    [Theory]
    [InlineData("measured.gib", "null", "measured.gib")]
    [InlineData("measured.gib", "0", "measured.gib")]
    [InlineData("measured.gib", "-3", "measured.gib")]
    [InlineData("measured.metric", "\"Fits\"", "measured.gib")]
    [InlineData("gpu.memoryGiB", "-1", "gpu.memoryGiB")]
    [InlineData("mode", "\"LoRA\"", "lora")]
    [InlineData("mode", "\"Inference\"", "inference")]
    [InlineData("sharding.zeroStage", "4", "sharding.zeroStage")]
    [InlineData("parallel.gpus", "9", "parallel.gpus")]
    [InlineData("parallel.tensor", "0", "parallel.tensor")]
    [InlineData("parallel.virtualStages", "-1", "parallel.virtualStages")]
    [InlineData("model.parameters", "0", "model.parameters")]
    [InlineData("model.architecture.hiddenSize", "0", "model.architecture.hiddenSize")]
    public void A_case_that_contradicts_itself_is_an_error_that_names_the_field(string path, string value, string field) =>
        Assert.StartsWith(field + ":", ExampleCase.Refused(ExampleCase.With((path, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Adapters_belong_to_their_modes_only() =>
        Assert.StartsWith("lora:", ExampleCase.Refused(ExampleCase.With(("lora", """{ "rank": 8, "targets": [], "adapterDtype": "Fp32" }"""))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_fits_or_not_is_said_of_a_GPU_whose_memory_is_known() => Assert.StartsWith(
        "gpu.memoryGiB:",
        ExampleCase.Refused(ExampleCase.With(("measured", """{ "metric": "DoesNotFit", "gib": null, "component": null }"""), ("gpu.memoryGiB", "null"))).Message,
        StringComparison.Ordinal);
}
