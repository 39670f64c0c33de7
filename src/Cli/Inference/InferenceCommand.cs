using System.CommandLine;
using GpuMem.Catalogues.Gpus;
using GpuMem.Cli.Estimates;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Inference;

/// <summary><c>gpumem inference</c>: the memory of one GPU that serves a model, and how many sequences of what length it holds.</summary>
internal static class InferenceCommand
{
    public static Command Create()
    {
        var flags = new InferenceFlags();
        var gpu = Flag.Text("--gpu", "hold it against this GPU, e.g. h100-80gb, and say what it can serve");
        var smallest = Flag.YesOrNo("--smallest", "name the smallest servers of all GPUs that are built in, whatever --tensor says");
        var format = OutputFormat.Option();
        var command = new Command("inference", "Estimate the GPU memory of serving a model, and what one server can hold.") { gpu, smallest, format };
        flags.AddTo(command);
        command.SetAction(result => result.GetValue(smallest) == true
            ? SmallestServers.Write(InferenceQuestion.Smallest(flags.Read(result)), result.GetValue(format)!)
            : Write(InferenceQuestion.Answer(flags.Read(result), EstimateQuestion.Gpu(result.GetValue(gpu))), result.GetValue(format)!));
        return command;
    }

    /// <returns>The status to end with.</returns>
    public static int Write(ServingAnswer answer, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(ServingJson.Of(answer), format, Console.Out);
        else
            InferenceReport.Write(answer, wide: format == "wide");
        return ExitStatus.Of(answer);
    }
}
