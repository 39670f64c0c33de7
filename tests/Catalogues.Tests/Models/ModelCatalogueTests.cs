using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

public sealed class ModelCatalogueTests
{
    [Fact]
    public void Every_model_has_exactly_its_published_number_of_parameters()
    {
        var entries = CatalogueFile.Entries().Where(entry => entry.Published is not null).ToList();
        Assert.Equal(60, entries.Count);
        Assert.All(entries, entry => Assert.Equal((entry.Id, entry.Published), (entry.Id, Model(entry.Id).Parameters)));
    }

    [Fact]
    public void Every_model_has_the_total_active_and_prediction_parameters_that_its_dimensions_give()
    {
        Assert.All(CatalogueFile.Entries(), entry =>
        {
            var model = Model(entry.Id);
            Assert.Equal((entry.Id, entry.Counted, entry.Active, entry.Prediction), (entry.Id, model.Parameters, model.ActiveParameters, model.PredictionParameters));
        });
    }

    [Fact]
    public void All_models_of_the_files_are_offered_and_sound()
    {
        Assert.Equal(65 + ConfigsFile.Entries.Count, ModelCatalogue.Ids.Count);
        Assert.Equal(ModelCatalogue.Ids.Count - NotYetSized.Refused.Count, ModelCatalogue.All.Count);
        Assert.All(ModelCatalogue.All, model => Assert.Null(model.Problem));
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B")]
    [InlineData("META-LLAMA/llama-3.1-8b")]
    [InlineData("Llama-3.1-8B")]
    [InlineData("llama3.1-8b")]
    [InlineData("llama 3.1 8b")]
    [InlineData("meta-llama/Llama-3.1-8B-Instruct")]
    [InlineData("meta-llama/Meta-Llama-3.1-8B")]
    [InlineData("meta-llama/Meta-Llama-3-8B")]
    public void A_model_is_found_by_the_names_people_use(string name)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out _));
        Assert.Equal("meta-llama/Llama-3.1-8B", model.Name);
        Assert.Equal(8_030_261_248, model.Parameters);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8C", "meta-llama/Llama-3.1-8B")]
    [InlineData("lama-3.1-70b", "meta-llama/Llama-3.1-70B")]
    [InlineData("Qwen/Qwen2.5-8B", "Qwen/Qwen2.5-7B")]
    public void An_unknown_name_suggests_close_ones_and_what_to_do(string name, string close)
    {
        Assert.False(ModelCatalogue.TryFind(name, out _, out var problem));
        Assert.Contains("did you mean", problem, StringComparison.Ordinal);
        Assert.Contains(close, problem, StringComparison.Ordinal);
        Assert.Contains("spec.model.config", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Digits_are_not_run_together_so_that_18B_is_not_taken_for_1_8B()
    {
        Assert.False(ModelCatalogue.TryFind("llama-3-18b", out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("/")]
    [InlineData("///")]
    [InlineData("-hf")]
    public void An_empty_name_is_a_problem_not_a_crash(string name) => Assert.False(ModelCatalogue.TryFind(name, out _, out _));

    [Fact]
    public void A_name_of_a_megabyte_is_refused_at_once()
    {
        Assert.False(ModelCatalogue.TryFind(new string('a', 1 << 20), out _, out var problem));
        Assert.True(problem.Length < 300);
    }

    private static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);
}
