using System.CommandLine;
using GpuMem.Evaluation.Sizes;

namespace GpuMem.Cli.Evaluation;

/// <summary><c>gpumem evaluate-models</c>: our sizes of models beside those of the real classes.</summary>
internal static class EvaluateModelsCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "what hack/oracle.sh sizes wrote, tests/Catalogues.Tests/oracle for example" };
        var page = new Option<string?>("--page") { Description = "write the page on models into this Markdown file" };
        var command = new Command("evaluate-models", "Hold the sizes of models against the real classes of transformers.") { folder, page };
        command.SetAction(result =>
        {
            if (!Directory.Exists(result.GetValue(folder)))
                throw new UserErrorException($"{result.GetValue(folder)}: no such folder");
            SizeScore[] scores = [.. WeighedModel.All(result.GetValue(folder)!).Select(SizeScore.Of)];
            var text = ModelsPage.Of(scores);
            if (result.GetValue(page) is { } file)
                File.WriteAllText(file, text);
            else
                Console.Out.Write(text);
            return ExitStatus.Fits;
        });
        return command;
    }
}
