using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Models;

/// <summary><c>gpumem model</c>: what a model consists of, counted from its dimensions.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "a model in the built-in catalogue, e.g. deepseek-ai/DeepSeek-V3, or the path of a config.json" };
        var format = OutputFormat.OptionWithNames("its id");
        var command = new Command("model", "Count the parameters of a model and show its dimensions.") { model, format };
        command.SetAction(result =>
        {
            var found = ModelSource.Read(result.GetValue(model)!);
            var json = ModelJson.Of(found);
            if (result.GetValue(format) == "name")
                Console.Out.WriteLine(found.Name);
            else if (result.GetValue(format) is "json" or "yaml")
                OutputFormat.Write(json, result.GetValue(format)!, Console.Out);
            else
                WriteLines(json, indent: "");
            return ExitStatus.Fits;
        });
        return command;
    }

    private static void WriteLines(JsonObject json, string indent)
    {
        foreach (var (name, value) in json)
        {
            if (value is JsonObject part)
            {
                Console.Out.WriteLine($"{indent}{name}:");
                WriteLines(part, indent + "  ");
                continue;
            }

            var text = value is JsonValue number && number.TryGetValue<long>(out var count) ? count.ToString("N0", CultureInfo.InvariantCulture) : value!.ToString();
            Console.Out.WriteLine($"{indent}{name}: {text}");
        }
    }
}
