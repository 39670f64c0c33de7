using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Estimation;
using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Words;
using GpuMem.Api.Nodes;

namespace GpuMem.Cli.Plans;

/// <summary>A plan for people, a pool on a line, and for machines.</summary>
internal static class PlanReport
{
    private const int Shown = 15;

    private static readonly string[] Columns = ["POOL", "VERDICT", "GPUS", "FREE", "PER GPU", "OF", "ROOM", "COST/H", "TOKENS/S"];

    public static void Write(PlanAnswer answer, string format)
    {
        if (format is "json" or "yaml")
            OutputFormat.Write(Json(answer), format, Console.Out);
        else if (format == "name")
            foreach (var candidate in answer.Candidates.Where(candidate => !candidate.Verdict.Rejects()))
                Console.Out.WriteLine(candidate.Pool.Name);
        else if (answer.Verdict != Verdict.Invalid)
            WriteText(answer, isWide: format == "wide");
    }

    private static void WriteText(PlanAnswer answer, bool isWide)
    {
        // Against the whole catalogue what does not fit would only be a list of small cards.
        List<ICandidate> shown = [.. isWide ? answer.Candidates : answer.IsAnywhere ? answer.Candidates.Where(candidate => !candidate.Verdict.Rejects()).DefaultIfEmpty(answer.Candidates[0]).Take(Shown) : answer.Candidates];
        if (shown.Count > 0)
        {
            WriteTable(shown, isWide, Console.Out);
            Console.Out.WriteLine();
        }

        Console.Out.WriteLine(answer.Message);
        foreach (var remark in answer.Remarks)
            Console.Out.WriteLine(remark);
        if (shown.Count < answer.Candidates.Count)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Candidates.Count - shown.Count} more kinds of GPU with -o wide. Against the GPUs of a cluster: --nodes FILE or --context NAME."));
    }

    /// <summary>A pool on a line.</summary>
    public static void WriteTable(IEnumerable<ICandidate> candidates, bool isWide, TextWriter output) =>
        TextTable.Write([[.. Columns, .. isWide ? (string[])["CHOSEN"] : [], "NOTE"], .. candidates.Select(candidate => Row(candidate, isWide))], output);

    private static string[] Row(ICandidate candidate, bool isWide) =>
    [
        candidate.Pool.Name,
        candidate.Verdict.ToString(),
        string.Create(CultureInfo.InvariantCulture, $"{candidate.Gpus} ({candidate.Nodes}x{candidate.GpusPerNode})"),
        candidate.Pool.FreeGpus is { } free ? string.Create(CultureInfo.InvariantCulture, $"{free}{(candidate.Waits ? ", waits" : "")}") : "-",
        candidate.Estimate.Expected.ToString(),
        candidate.Pool.UsableMemory?.ToString() ?? "unknown",
        Room(candidate),
        candidate.HourlyCost?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-",
        SpeedText.Rounded(candidate.TokensPerSecond)?.ToString("N0", CultureInfo.InvariantCulture) ?? "-",
        .. isWide ? (string[])[string.Join(' ', PlanJson.Chosen(candidate).Select(chosen => $"{chosen.Path[(chosen.Path.LastIndexOf('.') + 1)..]}={chosen.Value}"))] : [],
        candidate.Note ?? "",
    ];

    private static string Room(ICandidate candidate) => candidate.Short is not { } missing ? "-"
        : missing > Bytes.Zero ? $"{missing} short"
        : candidate.Pool.UsableMemory is { } memory && memory > candidate.Estimate.Expected ? (memory - candidate.Estimate.Expected).ToString()
        : Bytes.Zero.ToString();

    private static JsonObject Json(PlanAnswer answer) => new()
    {
        ["verdict"] = answer.Verdict.ToString(),
        ["message"] = answer.Message,
        ["problems"] = new JsonArray([.. answer.Problems.Select(problem => (JsonNode)problem.ToString())]),
        ["candidates"] = new JsonArray([.. answer.Candidates.Select(candidate => (JsonNode)PlanJson.Of(candidate))]),
        ["suggestions"] = answer.Suggestions,
        ["remarks"] = new JsonArray([.. answer.Remarks.Select(remark => (JsonNode)remark)]),
    };
}
