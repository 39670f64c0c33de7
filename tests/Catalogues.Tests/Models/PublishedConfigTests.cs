using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Every model whose configuration is built in, against the number of parameters that its owner publishes.</summary>
public sealed class PublishedConfigTests
{
    private const double Tolerance = 0.005;

    [Fact]
    public void There_are_at_least_400_of_them_with_a_source_each()
    {
        Assert.True(ConfigsFile.Entries.Count >= 400, $"{ConfigsFile.Entries.Count}");
        Assert.All(ConfigsFile.Entries, entry => Assert.Matches("^config: .+; parameters: .+", entry.Source));
    }

    [Fact]
    public void Every_model_has_its_published_number_of_parameters()
    {
        var wrong = new List<string>();
        foreach (var entry in ConfigsFile.Entries.Where(entry => !NotYetSized.Refused.Contains(entry.Id) && !NotYetSized.Towers.Contains(entry.Id) && !NotYetSized.WithoutHead.Contains(entry.Id)))
        {
            var model = Model(entry.Id);
            if (Totals(model).Min(total => Math.Abs((double)total / entry.Published - 1)) > Tolerance)
                wrong.Add($"{entry.Id}: {model.Parameters} and {model.VisionParameters}, {entry.Published} published");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Embedding_models_have_it_but_for_an_output_matrix() => Assert.All(
        ConfigsFile.Entries.Where(entry => NotYetSized.WithoutHead.Contains(entry.Id)),
        entry =>
        {
            var model = Model(entry.Id);
            Assert.Equal(entry.Published, model.Parameters - (model.VocabularySize * model.HiddenSize));
        });

    [Fact]
    public void A_model_that_cannot_be_sized_is_known_and_refused_with_the_reason() => Assert.All(NotYetSized.Refused, id =>
    {
        Assert.False(ModelCatalogue.TryFind(id, out _, out var problem));
        Assert.StartsWith(id, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("not built in", problem, StringComparison.Ordinal);
    });

    [Fact]
    public void Every_model_is_found_by_its_id_and_by_its_short_name() => Assert.All(
        ConfigsFile.Entries.Where(entry => !NotYetSized.Refused.Contains(entry.Id)),
        entry => Assert.All(new[] { entry.Id, entry.Id.ToUpperInvariant(), entry.Id[(entry.Id.IndexOf('/', StringComparison.Ordinal) + 1)..] }, name => Assert.Equal((name, entry.Id), (name, Model(name).Name))));

    [Fact]
    public void Every_name_of_the_same_dimensions_is_found() => Assert.All(ConfigsFile.SameAs, pair => Assert.Equal((pair.Key, pair.Value), (pair.Key, Model(pair.Key).Name)));

    [Fact]
    public void What_a_name_is_without_its_tags_is_the_model_itself_or_one_of_the_same_size()
    {
        // The language models of Gemma 3 are known alone, too.
        string[] alone = ["google/gemma-3-27b-it", "google/gemma-3-4b-it"];
        foreach (var entry in ConfigsFile.Entries.Where(entry => !NotYetSized.Refused.Contains(entry.Id) && !alone.Contains(entry.Id)))
        {
            var name = ModelName.Of(entry.Id);
            if (name.Quantization is null && ModelCatalogue.TryFind(name.Bare, out var model, out _))
                Assert.True(Math.Abs((double)model.Parameters / Model(entry.Id).Parameters - 1) < Tolerance, $"{entry.Id} and {model.Name} are both '{name.Bare}'");
        }
    }

    /// <summary>
    /// As owners count: without the modules that predict further tokens, with them, or with the copies of embedding and output matrix that
    /// each of these has in the files of DeepSeek V3 and GLM 4.5.
    /// </summary>
    private static long[] Totals(ModelArchitecture model)
    {
        var main = model.Parameters + model.VisionParameters;
        var predicting = main + model.PredictionParameters;
        return [main, predicting, predicting + (model.PredictionModules * 2 * model.VocabularySize * model.HiddenSize)];
    }

    private static ModelArchitecture Model(string name) => ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);
}
