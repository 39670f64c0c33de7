using System.Text.Json.Nodes;

namespace GpuMem.Cli.Tests.Support;

/// <summary>What a run of <c>gpumem</c> said and ended with.</summary>
internal sealed record Run(int Status, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public static Task<Run> Of(params string[] args) => WithInput("", args);

    public static async Task<Run> WithInput(string input, params string[] args)
    {
        var (stdin, stdout, stderr) = (Console.In, Console.Out, Console.Error);
        using StringReader reader = new(input);
        using StringWriter output = new(), error = new();
        Console.SetIn(reader);
        Console.SetOut(output);
        Console.SetError(error);
        try
        {
            var status = await Program.Main(args);
            return new Run(status, output.ToString(), error.ToString());
        }
        finally
        {
            Console.SetIn(stdin);
            Console.SetOut(stdout);
            Console.SetError(stderr);
        }
    }

    /// <summary>The question could not be answered, and the person who asked is told so in words, not in a stack trace.</summary>
    public void Failed(params string[] says)
    {
        Assert.Equal(1, Status);
        Assert.All(says, text => Assert.Contains(text, Error));
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain("GpuMem.", Error);
        Assert.DoesNotContain("System.", Error);
    }
}
