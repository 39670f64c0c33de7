using System.CommandLine;

namespace GpuMem.Cli.Gpus;

/// <summary><c>gpumem hardware-guide</c>: the GPUs that the usual sizes of models take, as a page.</summary>
internal static class HardwareGuideCommand
{
    public static Command Create()
    {
        var page = new Option<string?>("--page") { Description = "write the page into this Markdown file (default: standard output)" };
        var command = new Command("hardware-guide", "Say how many GPUs of which kind the usual sizes of models take, beside what the popular formulas say.") { page };
        command.SetAction(result =>
        {
            if (result.GetValue(page) is { } file)
                File.WriteAllText(file, HardwareGuide.Of());
            else
                Console.Out.Write(HardwareGuide.Of());
            return ExitStatus.Fits;
        });
        return command;
    }
}
