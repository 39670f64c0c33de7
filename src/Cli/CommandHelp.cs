using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GpuMem.Cli;

/// <summary>Help that fits a terminal of 100 columns and ends with what one would type.</summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    private const int Columns = 100;

    private static readonly Dictionary<string, string[]> Examples = new()
    {
        ["estimate"] = ["gpumem estimate -m llama-3.1-8b -s 8192 --gpus 8 --gpu h100-80gb", "gpumem estimate -f job.yaml --gpu a100-80gb -o json"],
        ["explain"] = ["gpumem explain -m qwen3-8b -s 4096 --gpus 4", "gpumem explain -f pod.yaml", "kubectl gpumem explain trainingjob/llama-8b -n research"],
        ["model"] = ["gpumem model meta-llama/Llama-3.1-8B", "gpumem model config.json"],
        ["inference"] = ["gpumem inference -m llama-3.1-70b --gpu h100-80gb --tensor 2", "gpumem inference -f server.yaml"],
        ["plan"] = ["gpumem plan -f job.yaml --nodes nodes.yaml"],
        ["pools"] = ["kubectl get nodes -o yaml | gpumem pools -f -", "kubectl gpumem pools --context production -o wide"],
        ["admit"] = ["gpumem admit -f job.yaml -f pod.yaml --nodes nodes.yaml"],
        ["top"] = ["kubectl gpumem top --sort waste", "kubectl gpumem top -n research --prometheus http://localhost:9090"],
        ["check"] = ["kubectl gpumem check", "helm test gpumem -n gpumem-system"],
        ["gpus"] = ["gpumem gpus"],
        ["completion"] = ["source <(gpumem completion bash)", "gpumem completion fish | source", "gpumem completion kubectl > ~/.local/bin/kubectl_complete-gpumem"],
        ["metrics"] = ["gpumem metrics"],
        ["crd"] = ["gpumem crd --write config/crd", "gpumem crd --page docs/reference.md"],
        ["webhook"] = ["gpumem webhook --namespace gpumem-system --default-mode Warn"],
        ["operator"] = ["gpumem operator --namespace gpumem-system --leader-elect"],
        ["ui"] = ["gpumem ui", "gpumem ui --context production"],
        ["evaluate"] = ["gpumem evaluate cases.jsonl"],
        ["evaluate-models"] = ["gpumem evaluate-models configs/"],
        ["hardware-guide"] = ["gpumem hardware-guide --page docs/hardware-guide.md"],
    };

    private readonly HelpAction _usual;

    private CommandHelp(HelpAction usual) => _usual = usual;

    public static void AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
            if (option.Action is HelpAction usual)
            {
                usual.MaxWidth = Columns;
                option.Action = new CommandHelp(usual);
            }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var status = _usual.Invoke(parseResult);
        if (!Examples.TryGetValue(parseResult.CommandResult.Command.Name, out var examples))
            return status;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        return status;
    }
}
