namespace GpuMem.Evaluation.Tests;

public sealed class CaseFieldTests
{
    [Fact]
    public void A_case_is_read_whole()
    {
        var item = ExampleCase.Parse();
        Assert.Equal(("example", 8_030_261_248, 8, 32.1), (item.Id, item.Model.Parameters, item.Parallel.Data, item.Measured.Gib));
    }

    [Theory]
    [InlineData("colour", "1")]
    [InlineData("model.architecture.colour", "null")]
    [InlineData("precision.kvCache", "\"Bf16\"")]
    [InlineData("measured.unit", "\"GiB\"")]
    public void A_field_that_is_not_known_is_an_error_that_names_it(string path, string value) =>
        Assert.Contains(path.Split('.')[^1], ExampleCase.Refused(ExampleCase.With((path, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("id")]
    [InlineData("frameworkVersion")]
    [InlineData("lora")]
    [InlineData("model.id")]
    [InlineData("model.architecture.mla")]
    [InlineData("sharding.zeroStage")]
    [InlineData("parallel.rank")]
    [InlineData("batch.padded")]
    [InlineData("measured.component")]
    public void A_missing_field_is_an_error_that_names_it_even_where_null_is_allowed(string path) =>
        Assert.Contains(path.Split('.')[^1], ExampleCase.Refused(ExampleCase.With((path, null))).Message, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("framework", "\"pytorchfsdp2\"", "PyTorchFsdp2")]
    [InlineData("mode", "\"Training\"", "Pretrain")]
    [InlineData("optimizer", "3", "AdamW")]
    [InlineData("precision.compute", "\"\"", "Bf16")]
    [InlineData("measured.component", "\"KvCache\"", "kv_cache")]
    public void A_value_that_is_not_known_is_an_error_with_its_path_and_the_choices(string path, string value, string choice)
    {
        var message = ExampleCase.Refused(ExampleCase.With((path, value))).Message;
        Assert.StartsWith(path + ":", message, StringComparison.Ordinal);
        Assert.Contains(choice, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.parameters", "\"8B\"")]
    [InlineData("batch.microBatch", "1.5")]
    [InlineData("batch.sequenceLength", "1e308")]
    [InlineData("compile", "\"yes\"")]
    [InlineData("parallel.tensor", "99999999999")]
    [InlineData("model.architecture.hiddenSize", "null")]
    public void A_value_of_the_wrong_type_is_an_error_with_its_path(string path, string value) =>
        Assert.StartsWith(path + ":", ExampleCase.Refused(ExampleCase.With((path, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("model")]
    [InlineData("id")]
    [InlineData("assumed")]
    public void Null_where_none_is_allowed_is_an_error(string path) =>
        Assert.Contains(path, ExampleCase.Refused(ExampleCase.With((path, "null")).ToString()).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_field_given_twice_is_an_error_that_names_it()
    {
        var json = ExampleCase.Json.Replace("\"note\": \"\"", "\"note\": \"\", \"id\": \"again\"", StringComparison.Ordinal);
        Assert.Contains("id", ExampleCase.Refused(json).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("{\"id\": \"a\"} {}")]
    public void What_is_no_case_at_all_is_an_error(string line) => Assert.NotEmpty(ExampleCase.Refused(line).Message);

    [Fact]
    public void Nesting_without_end_is_an_error() => Assert.NotEmpty(ExampleCase.Refused(new string('[', 100_000)).Message);
}
