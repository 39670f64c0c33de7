using System.Text.RegularExpressions;

namespace GpuMem.Cli.Tests;

/// <summary>What the documents say of the command line is so.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string, string> Sessions =>
    [
        .. from page in Documents.Pages
           from session in Documents.Sessions(page)
           where session.Command.StartsWith("gpumem ", StringComparison.Ordinal)
           select new TheoryDataRow<string, string>(session.Command, session.Printed),
    ];

    public static TheoryData<string, string> Mentions =>
    [
        .. from page in Documents.Pages
           from command in Inline().Matches(Documents.Text(page)).Select(match => match.Groups[1].Value).Concat(Documents.Commands(page).Select(Ours).OfType<string>()).Distinct()
           select new TheoryDataRow<string, string>(page, command),
    ];

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task What_a_document_says_is_printed_is_printed(string command, string printed)
    {
        var run = await Run.Of([.. command.Split(' ').Skip(1).Select(word => word.StartsWith("config/", StringComparison.Ordinal) ? Path.Combine(RepositoryRoot.Path, word) : word)]);

        Assert.Equal(printed, string.Join('\n', run.Output.Split('\n').Select(line => line.TrimEnd())).TrimEnd());
    }

    public static TheoryData<string> Pages => [.. Documents.Pages.Where(page => page != "CONTRIBUTING.md")];

    /// <summary>
    /// What stands in README.md and docs/operations.md is typed on a cluster by NewcomerTests; how these here are used is asked below. What is left needs what no
    /// test has: a registry, kind, a node, or the hour of another test.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void A_command_that_a_document_has_people_type_is_typed_by_a_test(string page)
    {
        HashSet<string> typed = [.. Documents.Commands("README.md"), .. Documents.Commands("docs/operations.md")];
        string[] needMore = ["skopeo ", "registry=", "mkdir layout ", "podman ", "helm install gpumem charts/gpumem --namespace gpumem-system --create-namespace --set image.repository=", "kind ", "ctr ", "hack/image.sh", "kubectl -n gpumem-system port-forward ", "curl -s localhost:8090/"];
        string[] sameButFor = ["kubectl label namespace research ", "helm upgrade gpumem charts/gpumem --namespace gpumem-system --reset-then-reuse-values --set policy.mode="];

        Assert.DoesNotContain(Documents.Commands(page), line => !typed.Contains(line) && Ours(line) is null && !needMore.Concat(sameButFor).Any(start => line.StartsWith(start, StringComparison.Ordinal)));
    }

    /// <summary>A page in docs/ that README.md does not lead to is found by nobody.</summary>
    [Fact]
    public void README_leads_to_every_page() =>
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md"), path => !Documents.Text("README.md").Contains($"(docs/{Path.GetFileName(path)})", StringComparison.Ordinal));

    /// <summary>Values that stand for a reader's own, such as FILE, may be anything; commands and flags may not.</summary>
    [Theory]
    [MemberData(nameof(Mentions))]
    public async Task Every_command_and_flag_that_a_document_names_exists(string page, string command)
    {
        var words = command.Split(' ');
        Assert.True(Program.Names.Contains(words[0]), $"{page}: gpumem {command}");
        var help = (await Run.Of(words[0], "--help")).Output;
        foreach (var flag in words.Where(word => word.StartsWith('-') && word != "-"))
            Assert.True(Named(help, flag.Split('=')[0]), $"{page}: gpumem {command}: {flag}");
    }

    private static bool Named(string help, string flag) => Regex.IsMatch(help, $@"(^|[\s,]){Regex.Escape(flag)}([\s,]|$)", RegexOptions.Multiline);

    /// <summary>What follows the name of the program in a line of a shell block; null where it is another's.</summary>
    private static string? Ours(string line) => InShell().Match(line) is { Success: true } ours ? ours.Groups[1].Value.Trim() : null;

    [GeneratedRegex(@"`(?:kubectl )?gpumem ([a-z][^`]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^(?:(?:kubectl )?gpumem|dotnet run --project src/Cli --) ([a-z][^&|>]*)")]
    private static partial Regex InShell();
}
