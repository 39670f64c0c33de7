using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuMem.Cli.Inference;
using GpuMem.Estimation;
using GpuMem.Serving;

namespace GpuMem.Cli.Evaluation;

/// <summary>What somebody's engine reported of one quantity, and what we say of it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Quantity">What was reported: <c>weights GiB</c>, <c>room for the KV cache GiB</c>, <c>outcome</c> and others.</param>
/// <param name="Reported">The figure; null where an outcome was.</param>
/// <param name="Expected">Ours; null where we have none.</param>
/// <param name="Started">Whether the engine started; null where nobody says.</param>
/// <param name="Fits">Whether we say so; null without a GPU.</param>
/// <param name="Problem">Why we say nothing.</param>
internal sealed partial record ServingReport(string Id, string Quantity, double? Reported, double? Expected, bool? Started, bool? Fits, string? Problem)
{
    private const string Outcome = "outcome";

    /// <summary>Ours over the reported, less one.</summary>
    public double? Error => Reported is { } reported and > 0 && Expected is { } expected ? (expected / reported) - 1 : null;

    /// <summary>We say the opposite of what happened.</summary>
    public bool IsWrong => Started is { } started && Fits is { } fits && started != fits;

    /// <param name="row">A line of the file.</param>
    /// <param name="folder">Where the configurations lie that it names.</param>
    public static ServingReport Of(JsonNode row, string folder)
    {
        var (id, quantity) = ((string)row["id"]!, (string)row["quantity"]!);
        var reported = quantity == Outcome ? null : (double?)row["reported"];
        var started = quantity == Outcome ? (string?)row["reported"] == "Fits" : Truth(row);
        try
        {
            var (estimate, capacity) = Ask(row, folder);
            double? expected = quantity switch
            {
                "weights GiB" => Size(estimate, TermKind.Weights),
                "room for the KV cache GiB" => capacity?.Cache.GiB,
                "activations GiB" => Size(estimate, TermKind.Activations),
                "KV GiB of one sequence" => Size(estimate, TermKind.KeyValueCache),
                _ => null,
            };
            return new(id, quantity, reported, expected, started, capacity?.Fits, null);
        }
        catch (UserErrorException error)
        {
            return new(id, quantity, reported, null, started, null, error.Message);
        }
    }

    private static double Size(Estimate estimate, TermKind kind) => estimate.Terms.Where(term => term.Kind == kind).Sum(term => term.Expected.GiB);

    /// <summary>The row's question, by the flags of <c>gpumem inference</c>.</summary>
    private static (Estimate Estimate, InferenceCapacity? Capacity) Ask(JsonNode row, string folder)
    {
        var model = (string)row["model"]!;
        var isFile = model.EndsWith(".json", StringComparison.Ordinal);
        List<string> words = [isFile ? "--config" : "--model", isFile ? Path.Combine(folder, model) : model];
        words.AddRange(((string)row["flags"]!).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (Release((string)row["engine"]!) is { } release)
            words.AddRange(["--engine-version", release]);
        var (flags, gpu) = (new InferenceFlags(), new Option<string?>("--gpu"));
        var command = new Command("inference") { gpu };
        flags.AddTo(command);
        var parsed = command.Parse(words);
        if (parsed.Errors is [var error, ..])
            throw new UserErrorException(error.Message);
        var card = Estimates.EstimateQuestion.Gpu(parsed.GetValue(gpu));

        // The memory that the report itself states wins over the catalogue's.
        if (card is not null && (decimal?)row["gpuGiB"] is { } memory)
            card = card with { UsableMemory = Bytes.FromGiB(memory) };
        var answer = InferenceQuestion.Answer(flags.Read(parsed), card);
        return (answer.Estimate, answer.Capacity);
    }

    /// <summary>The release that a report states; one of 2025 that states none had a sampler that sorts, as 0.11 has.</summary>
    private static string? Release(string engine) => VllmRelease().Match(engine) is { Success: true } match ? match.Groups["release"].Value
        : engine.Contains("2025", StringComparison.Ordinal) ? "0.11" : null;

    /// <summary>Files say whether an earlier verdict of ours was right.</summary>
    private static bool? Truth(JsonNode row) => ((string?)row["asOf2026_11"]?["verdict"], (bool?)row["verdictRight"]) switch
    {
        ("Fits", { } right) => right,
        ("DoesNotFit", { } right) => !right,
        _ => null,
    };

    [GeneratedRegex(@"vLLM (?<release>\d+\.\d+(\.\d+)?)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VllmRelease();
}
