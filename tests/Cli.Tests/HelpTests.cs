using System.Text.RegularExpressions;

namespace GpuMem.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. Program.Names];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_fits_100_columns_and_ends_with_examples(string command)
    {
        var help = (await Run.Of(command, "--help")).Output;

        Assert.All(help.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 100));
        Assert.Contains("\nExamples:\n", help, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task An_example_of_the_help_can_be_typed(string command)
    {
        var help = (await Run.Of(command, "--help")).Output;
        var examples = Regex.Matches(help[help.IndexOf("\nExamples:\n", StringComparison.Ordinal)..], @"gpumem (?<arguments>[a-z-]+( [^|)>\n]+)?)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

        Assert.All(examples.Where(example => Program.Names.Contains(example.Groups["arguments"].Value.Split(' ')[0])), example => Assert.Empty(Program.Parse(example.Groups["arguments"].Value.Trim().Split(' ')).Errors));
    }

    [Fact]
    public async Task Bash_completes_commands_and_flags()
    {
        var folder = Directory.CreateTempSubdirectory("gpumem-").FullName;
        var executable = Path.Combine(folder, "gpumem");
        await File.WriteAllTextAsync(executable, $"#!/bin/sh\nexec {GpuMemExecutable.Program} {string.Join(' ', GpuMemExecutable.Arguments())} \"$@\"\n");
        await Script.RunAsync("chmod", ["+x", executable]);
        var script = Path.Combine(folder, "completion");
        await File.WriteAllTextAsync(script, (await Run.Of("completion", "bash")).Output);

        async Task<string[]> CompleteAsync(string line) => (await Script.RunAsync("bash",
            ["-c", $"source {script}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({executable} ${{COMP_LINE#* }}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _gpumem; printf '%s\\n' \"${{COMPREPLY[@]}}\""])).Output.Split('\n');

        Assert.Contains("estimate", await CompleteAsync("gpumem esti"));
        Assert.Contains("--trainer", await CompleteAsync("gpumem estimate --train"));
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Behind <c>-f</c> stands a path, and the executable knows none.</summary>
    [Theory]
    [InlineData("bash", "-o default")]
    [InlineData("zsh", "_files")]
    [InlineData("fish", "__fish_complete_path")]
    [InlineData("kubectl", "echo :0")]
    public async Task Where_nothing_of_its_own_may_stand_files_are_completed(string shell, string files) =>
        Assert.Contains(files, (await Run.Of("completion", shell)).Output, StringComparison.Ordinal);
}
