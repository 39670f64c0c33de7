using System.CommandLine;
using GpuMem.Cli.Estimates;
using GpuMem.Estimation;
using GpuMem.Estimation.Gpus;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Cli.Inference;

/// <summary><c>gpumem inference</c>: the memory of one GPU that serves a model, and how many sequences of what length it holds.</summary>
internal static class InferenceCommand
{
    public static Command Create()
    {
        var flags = new InferenceFlags();
        var gpu = new Option<string?>("--gpu") { Description = "hold it against this GPU, e.g. h100-80gb, and say what it can serve" };
        var format = OutputFormat.Option();
        var command = new Command("inference", "Estimate the GPU memory of serving a model, and what one server can hold.") { gpu, format };
        flags.AddTo(command);
        command.SetAction(result =>
        {
            var held = EstimateQuestion.Gpu(result.GetValue(gpu));
            var spec = flags.Read(result, held);
            try
            {
                var capacity = held is null ? null : InferenceEstimator.Capacity(spec, held.UsableMemory);
                Write(new InferenceAnswer(spec, InferenceEstimator.Estimate(spec), held, capacity), result.GetValue(format)!);
                return capacity is { Fits: false } ? ExitStatus.DoesNotFit : ExitStatus.Fits;
            }
            catch (InvalidJobException error)
            {
                throw new UserErrorException(string.Join("\ngpumem: ", error.Problems));
            }
        });
        return command;
    }

    private static void Write(InferenceAnswer answer, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(InferenceReport.Json(answer), format, Console.Out);
        else
            InferenceReport.Write(answer, wide: format == "wide");
    }
}

/// <summary>What <c>inference</c> found; without a GPU there is nothing to fill.</summary>
internal sealed record InferenceAnswer(InferenceSpec Spec, Estimate Estimate, GpuModel? Gpu, InferenceCapacity? Capacity);
