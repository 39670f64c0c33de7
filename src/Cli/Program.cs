using System.CommandLine;
using System.CommandLine.Invocation;
using GpuMem.Cli.Admission;
using GpuMem.Cli.Checks;
using GpuMem.Cli.Cluster;
using GpuMem.Cli.Crds;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Models;
using GpuMem.Cli.Evaluation;
using GpuMem.Cli.Gpus;
using GpuMem.Cli.Inference;
using GpuMem.Cli.Live;
using GpuMem.Cli.Plans;
using GpuMem.Cli.Pools;
using GpuMem.Cli.Ui;

namespace GpuMem.Cli;

/// <summary>The one executable: processes for a cluster, and answers on a terminal.</summary>
public static class Program
{
    // By name: the flags of all others would take an answer of one command longer than the answer.
    private static readonly Dictionary<string, Func<Command>> Commands = new()
    {
        ["estimate"] = EstimateCommand.Create,
        ["explain"] = ExplainCommand.Create,
        ["model"] = ModelCommand.Create,
        ["evaluate"] = EvaluateCommand.Create,
        ["evaluate-models"] = EvaluateModelsCommand.Create,
        ["inference"] = InferenceCommand.Create,
        ["admit"] = AdmitCommand.Create,
        ["plan"] = PlanCommand.Create,
        ["gpus"] = GpusCommand.Create,
        ["hardware-guide"] = HardwareGuideCommand.Create,
        ["pools"] = PoolsCommand.Create,
        ["ui"] = UiCommand.Create,
        ["crd"] = CrdCommand.Create,
        ["top"] = TopCommand.Create,
        ["check"] = CheckCommand.Create,
        ["completion"] = CompletionCommand.Create,
        ["metrics"] = MetricsCommand.Create,
        ["operator"] = OperatorCommand.Create,
        ["webhook"] = WebhookCommand.Create,
    };

    /// <summary>The names of its commands.</summary>
    public static IEnumerable<string> Names => Commands.Keys;

    /// <summary>What the arguments ask for, or what is wrong with them; of the commands only the one that is asked for is made.</summary>
    public static ParseResult Parse(string[] args)
    {
        var root = new RootCommand("GPU memory of LLM training, before a job runs: estimates on a terminal, verdicts in Kubernetes.");
        var asked = Commands.Where(command => args.Length > 0 && command.Key == args[0]);
        foreach (var (_, create) in asked.Any() ? asked : Commands)
            root.Add(create());
        CommandHelp.AddTo(root);
        return root.Parse(args);
    }

    public static async Task<int> Main(string[] args)
    {
        var parsed = Parse(args);
        // Without any, what there is is all that can be said.
        if (args.Length > 0 && parsed.Action is ParseErrorAction)
            return MistakenArguments.Tell(parsed);
        // The parser's own status for wrong arguments is 1 as well; what a command returns passes through.
        try
        {
            // The parser would end a process two seconds after it was told to stop, whatever that still has to do; ours know when they are done.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception error) when (error is UserErrorException or KubernetesConfigurationException or IOException or UnauthorizedAccessException or KubernetesException)
        {
            await Console.Error.WriteLineAsync($"gpumem: {error.Message}");
            return ExitStatus.Error;
        }
    }
}
