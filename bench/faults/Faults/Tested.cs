using System.Text.RegularExpressions;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>What goes wrong in one process alone: the tests that carry its id (<c>[Trait("Fault", "C40")]</c>) make it happen, and have to pass.</summary>
internal sealed partial class Tested(string id, string expected, params string[] projects) : IFault
{
    public static IReadOnlyList<Tested> All { get; } =
    [
        new("C25", "clocks that jump: a lease goes by the time that has passed, and certificates are looked at again", "Kubernetes", "Webhook"),
        new("C26", "TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are not", "Webhook"),
        new("C28", "a folder of certificates that vanishes, is torn or filled with nonsense: the last good one is served on, and it is said once", "Webhook"),
        new("C30", "asked to answer API servers alone: who shows no certificate, or another, is refused in the handshake", "Webhook"),
        new("C31", "whoever a review says is asking changes no answer about a pod", "Webhook"),
        new("C33", "an UPDATE of twice 3 MiB is answered", "Webhook"),
        new("C34", "objects and lists nested up to 100,000 deep: a clean answer", "Webhook"),
        new("C35", "members twice, byte order marks, comments, NUL, invalid UTF-8, lone surrogates: 400 with the reason", "Webhook"),
        new("C36", "an encoded body, good or malformed: 415", "Webhook"),
        new("C37", "requests that break HTTP: 4xx or 505", "Webhook"),
        new("C39", "nothing but HTTP/1.1 is spoken", "Webhook"),
        new("C40", "malformed reviews: the code and the reason, never 500", "Webhook"),
        new("C41", "quantities of any spelling are read as exact arithmetic reads them, or refused", "Kubernetes"),
        new("C42", "estimates are never negative and grow with what they are of", "Estimation"),
        new("C43", "control and bidirectional characters in names reach no terminal", "Webhook"),
        new("C44", "100 KB in every string: an answer as any other", "Webhook"),
        new("C50", "fields that nobody knows yet survive", "Api"),
        new("C51", "what was patched once is not patched again", "Webhook"),
        new("C84", "no field of a kind of ours can name another namespace", "Api"),
    ];

    public string Id => id;

    public string Expected => expected;

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (passed, failed, said) = (0, 0, "");
        foreach (var project in projects)
        {
            var (_, output, error) = await Script.RunAsync("dotnet", ["test", Path.Combine(RepositoryRoot.Path, "tests", $"{project}.Tests"), "--nologo", "--filter", $"Fault={id}"]);
            if (Counts().Match(output) is not { Success: true } counts)
                return new Observation(false, $"{project}.Tests was not run: {output}{error}");
            failed += int.Parse(counts.Groups[1].Value, null);
            passed += int.Parse(counts.Groups[2].Value, null);
            said += counts.Groups[1].Value == "0" ? "" : $"\n{output}";
        }
        return new Observation(failed == 0 && passed > 0, $"{passed} tests passed, {failed} failed{said}");
    }

    [GeneratedRegex(@"Failed:\s+(\d+), Passed:\s+(\d+)")]
    private static partial Regex Counts();
}
