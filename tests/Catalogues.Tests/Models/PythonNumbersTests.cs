using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using GpuMem.Catalogues.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Configurations as Python writes them, with numbers that JSON does not have.</summary>
public sealed class PythonNumbersTests
{
    [Theory]
    [InlineData("""{"a":Infinity,"b":[0.0,-Infinity],"c":NaN}""")]
    [InlineData("""{"a":"Infinity and NaN","b\"NaN":-Infinity}""")]
    public void Numbers_that_JSON_lacks_become_nothing_and_texts_stay(string text)
    {
        var read = Encoding.UTF8.GetString(PythonNumbers.AsNull(Encoding.UTF8.GetBytes(text)).Span);
        using var document = JsonDocument.Parse(read);

        Assert.Equal(text.Length, read.Length);
        Assert.Equal(text.Contains("Infinity and NaN", StringComparison.Ordinal), read.Contains("Infinity and NaN", StringComparison.Ordinal));
    }

    [Fact]
    public void A_published_file_with_an_infinite_limit_is_sized() => Assert.Equal(
        159_308_544,
        HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes("""{"model_type":"mamba","hidden_size":768,"intermediate_size":1536,"num_hidden_layers":32,"vocab_size":50280,"time_step_limit":[0.0,Infinity]}""")).Parameters);

    [Property]
    public bool JSON_itself_comes_back_as_it_was(string? text)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new { text, number = 1.5, nothing = (string?)null });
        return PythonNumbers.AsNull(json).Span.SequenceEqual(json);
    }
}
