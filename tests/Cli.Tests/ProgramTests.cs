namespace GpuMem.Cli.Tests;

public sealed class ProgramTests
{
    [Theory]
    [InlineData("estimate")]
    [InlineData("admit")]
    [InlineData("explain")]
    [InlineData("model")]
    [InlineData("evaluate")]
    [InlineData("crd")]
    [InlineData("operator")]
    [InlineData("webhook")]
    [InlineData("ui")]
    public async Task Each_command_explains_itself(string command)
    {
        var run = await Run.Of(command, "--help");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains($"gpumem {command}", run.Output.Replace(System.CommandLine.RootCommand.ExecutableName, "gpumem", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("admit")]
    [InlineData("operator --health-port many")]
    public async Task Wrong_arguments_end_with_1(string arguments) =>
        Assert.Equal(1, (await Run.Of(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Status);

    [Theory]
    [InlineData("inference -m llama-3.1-8b --tensr 2", "--tensr may be meant as --tensor.", "gpumem inference --help lists what there is.")]
    [InlineData("estmate -m llama-3.1-8b", "estmate may be meant as estimate.", "gpumem --help lists what there is.")]
    public async Task What_is_mistyped_is_told_with_what_was_meant_and_not_with_a_screen_of_all_there_is(string arguments, string meant, string last)
    {
        var run = await Run.Of(arguments.Split(' '));
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.Equal([meant, last], run.Error.TrimEnd().Split('\n')[^2..]);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("webhook")]
    public async Task A_kubeconfig_that_is_not_there_is_told_by_its_path(string command) =>
        (await Run.Of(command, "--kubeconfig", "/no/such/kubeconfig")).Failed("/no/such/kubeconfig");

    [Theory]
    [InlineData("operator")]
    [InlineData("webhook")]
    public async Task An_address_that_is_none_is_told(string command)
    {
        using var folder = new Folder();
        var kubeconfig = folder.Write("config", """
            {"apiVersion": "v1", "kind": "Config", "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a"}}],
             "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}]}
            """);
        (await Run.Of(command, "--kubeconfig", kubeconfig, "--address", "everywhere")).Failed("--address", "everywhere");
    }

    [Theory]
    [InlineData("ui", "--port", "99999")]
    [InlineData("ui", "--port", "-1")]
    [InlineData("webhook", "--port", "65536")]
    [InlineData("webhook", "--health-port", "99999")]
    [InlineData("operator", "--health-port", "-8081")]
    public async Task A_port_that_is_none_is_told(string command, string flag, string port) => (await Run.Of(command, flag, port)).Failed(flag, port);

    [Fact]
    public async Task A_model_is_counted()
    {
        var run = await Run.Of("model", "meta-llama/Llama-3.1-8B");
        Assert.Equal(0, run.Status);
        Assert.Contains("8,030,261,248", run.Output);
        (await Run.Of("model", "no/such")).Failed("no/such", "config.json");
    }

    [Fact]
    public async Task An_explanation_names_the_largest_part()
    {
        var run = await Run.Of("explain", "--parameters", "7B", "-s", "2048");
        Assert.Equal(0, run.Status);
        Assert.Contains("the largest part", run.Output);
    }

    [Fact]
    public async Task Cases_that_are_none_are_told_by_file_and_line()
    {
        using var folder = new Folder();
        var run = await Run.Of("evaluate", folder.Write("cases.jsonl", "\n{}\n"));
        Assert.Equal(1, run.Status);
        Assert.Contains("cases.jsonl, line 2", run.Error);
        (await Run.Of("evaluate", "/no/such/cases.jsonl")).Failed("/no/such/cases.jsonl", "no such file");
    }
}
