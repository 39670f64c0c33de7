using System.Text;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>What a file states and nobody reads is named; what a class declares, or carries no size, is not.</summary>
public sealed class DoubtTests
{
    private const string Llama = """ "model_type":"llama","hidden_size":4096,"intermediate_size":14336,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"vocab_size":128256 """;

    [Theory]
    [InlineData("\"num_memory_slots\":4096", "num_memory_slots")]
    [InlineData("\"extra_tower\":{\"hidden_size\":1024}", "extra_tower")]
    [InlineData("\"hyper_expansion\":1.5", "hyper_expansion")]
    public void A_field_that_may_carry_size_is_named(string field, string named) => Assert.Equal([named], Parse($"{{{Llama},{field}}}").UnreadFields);

    [Theory]
    [InlineData("\"rope_theta\":500000.0")]
    [InlineData("\"bos_token_id\":128000")]
    [InlineData("\"pretraining_tp\":4")]
    [InlineData("\"some_switch\":false")]
    [InlineData("\"of_no_number\":\"text\"")]
    public void A_field_without_size_is_not(string field) => Assert.Empty(Parse($"{{{Llama},{field}}}").UnreadFields);

    [Fact]
    public void What_a_part_leaves_out_is_as_its_class_has_it()
    {
        var model = Parse("""{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":5376,"num_hidden_layers":62,"intermediate_size":21504,"num_attention_heads":32,"num_key_value_heads":16,"head_dim":128}}""");
        Assert.Equal(262_208, model.VocabularySize);
        Assert.True(model.TiedEmbeddings);
    }

    [Fact]
    public void What_stands_at_the_top_ties_the_embedding_whatever_the_text_says() => Assert.False(
        Parse("{\"model_type\":\"llava\",\"tie_word_embeddings\":false,\"text_config\":{" + Llama + ",\"tie_word_embeddings\":true}}").TiedEmbeddings);

    [Fact]
    public void A_model_made_of_parts_says_that_its_layers_are_others() =>
        Assert.Equal(ModelKnowledge.PartsOnly, Parse("""{"model_type":"persimmon","hidden_size":4096,"intermediate_size":16384,"num_attention_heads":64,"num_hidden_layers":36,"vocab_size":262144}""").Knowledge);

    private static ModelArchitecture Parse(string json) => HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(json));
}
