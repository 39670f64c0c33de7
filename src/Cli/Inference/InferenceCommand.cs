using System.CommandLine;
using GpuMem.Catalogues.Gpus;
using GpuMem.Cli.Estimates;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation;

namespace GpuMem.Cli.Inference;

/// <summary><c>gpumem inference</c>: the memory of one GPU that serves a model, and how many sequences of what length it holds.</summary>
internal static class InferenceCommand
{
    public static Command Create()
    {
        var flags = new InferenceFlags();
        var gpu = Flag.Text("--gpu", "hold it against this GPU, e.g. h100-80gb, and say what it can serve");
        var format = OutputFormat.Option();
        var command = new Command("inference", "Estimate the GPU memory of serving a model, and what one server can hold.") { gpu, format };
        flags.AddTo(command);
        command.SetAction(result => Write(InferenceQuestion.Answer(flags.Read(result), EstimateQuestion.Gpu(result.GetValue(gpu))), result.GetValue(format)!));
        return command;
    }

    /// <returns>The status to end with.</returns>
    public static int Write(InferenceAnswer answer, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(InferenceReport.Json(answer), format, Console.Out);
        else
            InferenceReport.Write(answer, wide: format == "wide");
        return answer.Capacity is { Fits: false, IsCertain: true } ? ExitStatus.DoesNotFit : ExitStatus.Fits;
    }
}

/// <summary>What <c>inference</c> found; without a GPU there is nothing to fill.</summary>
internal sealed record InferenceAnswer(InferenceSpec Spec, Estimate Estimate, GpuModel? Gpu, InferenceCapacity? Capacity);
