using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Estimation.Models;

namespace GpuMem.Cli.Models;

/// <summary><c>gpumem model</c>: what is known of a model, from the catalogue or a config.json.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("model") { Description = "a Hugging Face id, a short name, or the path of a config.json" };
        var format = OutputFormat.Option();
        var command = new Command("model", "Count the parameters of a model.") { name, format };
        command.SetAction(result =>
        {
            var model = Find(result.GetValue(name)!);
            if (result.GetValue(format) is "json" or "yaml")
                OutputFormat.Write(Json(model), result.GetValue(format)!, Console.Out);
            else
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {model.Parameters:N0} parameters, {model.ActiveParameters:N0} active per token, {model.Layers} layers"));
            return ExitStatus.Fits;
        });
        return command;
    }

    private static ModelArchitecture Find(string name)
    {
        if (!File.Exists(name))
            return ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new UserErrorException(problem);
        try
        {
            return HuggingFaceConfig.Parse(File.ReadAllBytes(name), name);
        }
        catch (ModelFormatException error)
        {
            throw new UserErrorException(error.Message);
        }
    }

    private static JsonObject Json(ModelArchitecture model) => new()
    {
        ["name"] = model.Name,
        ["parameters"] = model.Parameters,
        ["activeParameters"] = model.ActiveParameters,
        ["predictionParameters"] = model.PredictionParameters,
        ["layers"] = model.Layers,
        ["hiddenSize"] = model.HiddenSize,
        ["attentionHeads"] = model.AttentionHeads,
        ["keyValueHeads"] = model.KeyValueHeads,
        ["headDimension"] = model.HeadDimension,
        ["feedForwardSize"] = model.FeedForwardSize,
        ["vocabularySize"] = model.VocabularySize,
        ["tiedEmbeddings"] = model.TiedEmbeddings,
        ["experts"] = model.Experts?.Count,
        ["activeExperts"] = model.Experts?.ActivePerToken,
        ["knowledge"] = model.Knowledge.ToString(),
    };
}
