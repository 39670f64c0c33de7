using System.Text;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Tests;

public sealed class CaseReaderTests
{
    [Fact]
    public void A_sound_case_is_read()
    {
        var item = CaseReader.Parse(CaseText.Bytes);
        Assert.Equal(("full-8b", CaseFramework.PyTorchFsdp2, CaseMetric.Reserved, 33.0), (item.Id, item.Framework, item.Measured.Metric, item.Measured.Gib));
    }

    [Theory]
    [InlineData("colour", "\"red\"")]
    [InlineData("model.architecture.depth", "32")]
    [InlineData("measured.unit", "\"GB\"")]
    public void An_unknown_field_is_an_error_that_names_it(string path, string json) => AssertRefused(CaseText.With(path, json), path.Split('.')[^1] + ": no such field");

    [Theory]
    [InlineData("framework", "\"Horovod\"", "PyTorchDdp")]
    [InlineData("framework", "\"deepspeed\"", "DeepSpeed")]
    [InlineData("framework", "3", "DeepSpeed")]
    [InlineData("measured.component", "\"KvCache\"", "kv_cache")]
    [InlineData("precision.compute", "null", "Bf16")]
    public void A_value_that_an_enumeration_does_not_have_is_an_error_that_lists_those_it_has(string path, string json, string known) =>
        AssertRefused(CaseText.With(path, json), known);

    [Theory]
    [InlineData("optimizerInBackward")]
    [InlineData("lora")]
    [InlineData("model.architecture.layers")]
    [InlineData("note")]
    public void A_missing_field_is_an_error_that_names_it(string path) => AssertRefused(CaseText.With(path, null), path.Split('.')[^1]);

    [Theory]
    [InlineData("model.architecture.layers", "\"32\"")]
    [InlineData("model.architecture.layers", "1e308")]
    [InlineData("model.architecture.layers", "32.5")]
    [InlineData("model.architecture", "null")]
    [InlineData("assumed", "\"loss\"")]
    [InlineData("compile", "1")]
    public void A_value_of_the_wrong_type_is_an_error_with_its_path(string path, string json) => AssertRefused(CaseText.With(path, json), path);

    [Theory]
    [InlineData("measured.gib", "null", "must be a number")]
    [InlineData("measured.gib", "-1", "above zero")]
    [InlineData("measured.metric", "\"Fits\"", "must be null")]
    [InlineData("gpu.memoryGiB", "0", "above zero")]
    [InlineData("parallel.gpus", "7", "tensor × pipeline")]
    [InlineData("mode", "\"LoRA\"", "lora")]
    [InlineData("sharding.zeroStage", "4", "between 0 and 3")]
    public void A_case_that_contradicts_itself_is_an_error_that_says_how(string path, string json, string reason) => AssertRefused(CaseText.With(path, json), reason);

    [Fact]
    public void A_field_given_twice_is_an_error() => AssertRefused(CaseText.Replacing("\"note\":\"\"", "\"note\":\"\",\"note\":\"\""), "note");

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"id\":")]
    public void A_line_that_is_no_object_is_an_error(string line) => Assert.Throws<CaseFormatException>(() => CaseReader.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Deep_nesting_is_an_error_and_not_a_crash() =>
        Assert.Throws<CaseFormatException>(() => CaseReader.Parse(Encoding.UTF8.GetBytes(new string('[', 100_000))));

    private static void AssertRefused(byte[] line, string reason)
    {
        var error = Assert.Throws<CaseFormatException>(() => CaseReader.Parse(line));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
